import type { z } from "zod";
import type { Actor } from "../audit/audit.ts";
import { createFirstUser, type setupInput } from "../access/setup.ts";
import type { User } from "../access/user-json.ts";
import type { Config } from "../config.ts";
import type { Database } from "../db.ts";
import { insertProject } from "./create-project.ts";

/**
 * Creates the first user and a first project of theirs, so that there is always one to work in.
 * Refuses as `createFirstUser` does: 409 once there is a user, 403 for a wrong setup token.
 */
export async function setUpInstance(
  db: Database,
  config: Pick<Config, "setupToken">,
  input: z.output<typeof setupInput>,
  nowMs: number,
  actor: Actor,
): Promise<User> {
  const user = await createFirstUser(db, config, input, nowMs, actor);
  await insertProject(db, actor, user.id, { name: "First project", description: "" }, nowMs);
  return user;
}
