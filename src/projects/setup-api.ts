import { z } from "zod";
import { requireUser } from "../access/authorize.ts";
import { createPersonalToken } from "../access/personal-tokens.ts";
import { findUser } from "../access/queries.ts";
import { setupInput } from "../access/setup.ts";
import { userJson, userSchema } from "../access/user-json.ts";
import { LIMITS } from "../config.ts";
import { database } from "../db.ts";
import { endpoint } from "../endpoint.ts";
import { AppError } from "../errors.ts";
import { verbContext } from "../verb-context.ts";
import { projectJson, projectSchema } from "./project-json.ts";
import { listProjects } from "./queries.ts";
import { setUpInstance } from "./set-up-instance.ts";

export const setupEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Create the first user",
    description:
      "Once per instance. The user becomes admin of the instance and of a project named `First project`, made along " +
      "with it; `token` is a personal token named `setup`, shown in this answer only. `setup_token` is the value of " +
      "SETUP_TOKEN; where the installation has none, the answer is 403.",
    body: setupInput,
    responses: {
      201: {
        description: "The user and a personal token",
        schema: z.object({ user: userSchema, token: z.string().describe("Shown once") }),
      },
    },
  },
  async (c, { body }) => {
    const ctx = verbContext(c);
    const user = await setUpInstance(ctx, body);
    const token = await createPersonalToken(ctx, { user: user.id, name: "setup" });
    return c.json({ user: userJson(user), token: token.secret }, 201);
  },
);

export const meEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Who am I",
    description: `The user who is calling and the projects they may see, newest first, at most ${LIMITS.listItemsMax}.`,
    responses: {
      200: { description: "You", schema: z.object({ user: userSchema, projects: z.array(projectSchema) }) },
    },
  },
  async (c) => {
    const db = database(c.env);
    const caller = requireUser(c.var.caller);
    const [user, projects] = await Promise.all([
      findUser(db, caller.userId),
      listProjects(db, caller, { limit: LIMITS.listItemsMax, cursor: null }),
    ]);
    if (!user) throw new AppError("unauthorized", "This user does not exist any more.");
    return c.json({ user: userJson(user), projects: projects.items.map(projectJson) });
  },
);
