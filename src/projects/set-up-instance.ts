import type { z } from "zod";
import { limitGuesses } from "../access/limit-guesses.ts";
import { alreadySetUp, firstUser, type setupInput } from "../access/setup.ts";
import type { User } from "../access/user-json.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { insertWhere } from "../insert-where.ts";
import type { VerbContext } from "../verb-context.ts";
import { firstAdmin, newProject, projectCreated } from "./create-project.ts";
import { projects } from "./schema.ts";

/**
 * Creates the first user, an admin of the instance, and a first project of theirs, so that there is always one to work in. 409 once
 * there is a user, also for the slower one of two calls at the same time; 403 when the token is wrong or the installation has none;
 * 429 after ten attempts a minute from one address.
 */
export async function setUpInstance(ctx: VerbContext, input: z.output<typeof setupInput>): Promise<User> {
  await limitGuesses(ctx.env.SIGN_IN_LIMIT, [`setup:${ctx.caller.address ?? "unknown"}`]);
  const { user, insert, created } = await firstUser(ctx, input);
  const project = newProject(ctx, { name: "First project", description: "" }, user.id);
  const [inserted] = await auditedChange(ctx, insert, [created, projectCreated(project)], (happened) => [
    insertWhere(ctx.db, projects, project, happened),
    firstAdmin(ctx, project, happened),
  ]);
  if (!inserted) throw alreadySetUp();
  return user;
}
