import { z } from "zod";
import { database } from "../db.ts";
import { type Api, endpoint } from "../endpoint.ts";
import { pageRequest } from "../http.ts";
import { requireUser } from "./authorize.ts";
import { createUser, userInput } from "./create-user.ts";
import { listJson, listQuery, listSchema } from "./list-cursor.ts";
import {
  createPersonalToken,
  listPersonalTokens,
  revokePersonalToken,
  tokenInput,
  tokenJson,
  tokenSchema,
} from "./personal-tokens.ts";
import { listUsers } from "./queries.ts";
import { usersOnly } from "./users-only.ts";
import { userJson, userSchema } from "./user-json.ts";

/** Mounts personal tokens and users. Setup and /me answer with projects too, so the projects mount them. */
export function mountAccessApi(api: Api): void {
  api.use("/api/v1/tokens/*", usersOnly);
  api.use("/api/v1/users/*", usersOnly);
  api.post("/api/v1/tokens", createTokenEndpoint);
  api.get("/api/v1/tokens", listTokensEndpoint);
  api.delete("/api/v1/tokens/:id", revokeTokenEndpoint);
  api.post("/api/v1/users", createUserEndpoint);
  api.get("/api/v1/users", listUsersEndpoint);
}

const createTokenEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Create a personal token",
    description: "It acts as you. `token` is shown in this answer only.",
    body: tokenInput,
    responses: {
      201: { description: "The token", schema: tokenSchema.extend({ token: z.string().describe("Shown once") }) },
    },
  },
  async (c, { body }) => {
    const { userId } = requireUser(c.var.caller);
    const { secret, ...token } = await createPersonalToken(database(c.env), userId, body, Date.now());
    return c.json({ ...tokenJson(token), token: secret }, 201);
  },
);

const listTokensEndpoint = endpoint(
  {
    tag: "Access",
    summary: "List your personal tokens",
    query: listQuery,
    responses: { 200: { description: "Newest first", schema: listSchema(tokenSchema) } },
  },
  async (c) => {
    const { userId } = requireUser(c.var.caller);
    return c.json(listJson(await listPersonalTokens(database(c.env), userId, pageRequest(c)), tokenJson));
  },
);

const revokeTokenEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Revoke one of your personal tokens",
    params: z.object({ id: z.string() }),
    responses: { 204: { description: "It is dead within seconds, everywhere" } },
  },
  async (c, { params }) => {
    const { userId } = requireUser(c.var.caller);
    await revokePersonalToken(database(c.env), userId, params.id);
    return c.body(null, 204);
  },
);

const createUserEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Create a user (instance admin)",
    body: userInput,
    responses: { 201: { description: "The user", schema: z.object({ user: userSchema }) } },
  },
  async (c, { body }) => {
    const user = await createUser(database(c.env), c.var.caller, body, Date.now());
    return c.json({ user: userJson(user) }, 201);
  },
);

const listUsersEndpoint = endpoint(
  {
    tag: "Access",
    summary: "List the users (instance admin)",
    query: listQuery,
    responses: { 200: { description: "Newest first", schema: listSchema(userSchema) } },
  },
  async (c) => c.json(listJson(await listUsers(database(c.env), c.var.caller, pageRequest(c)), userJson)),
);
