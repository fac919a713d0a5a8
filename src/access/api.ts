import { z } from "zod";
import { database } from "../db.ts";
import { type Api, endpoint, verbInput } from "../endpoint.ts";
import { pageRequest } from "../http.ts";
import { verbContext } from "../verb-context.ts";
import { requireUser } from "./authorize.ts";
import { listJson, listQuery, listSchema } from "../list-cursor.ts";
import {
  createPersonalToken,
  listPersonalTokens,
  revokePersonalToken,
  tokenInput,
  tokenJson,
  tokenSchema,
} from "./personal-tokens.ts";
import { mountUsersApi } from "./users-api.ts";
import { usersOnly } from "./users-only.ts";

/** Mounts personal tokens and users. Setup and /me answer with projects too, so the projects mount them. */
export function mountAccessApi(api: Api): void {
  api.use("/api/v1/tokens/*", usersOnly);
  api.post("/api/v1/tokens", createTokenEndpoint);
  api.get("/api/v1/tokens", listTokensEndpoint);
  api.delete("/api/v1/tokens/:id", revokeTokenEndpoint);
  mountUsersApi(api);
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
    const { secret, ...token } = await createPersonalToken(verbContext(c), verbInput({ user: userId }, body));
    return c.json({ ...tokenJson(token), token: secret }, 201);
  },
);

const listTokensEndpoint = endpoint(
  {
    tag: "Access",
    summary: "List your personal tokens",
    query: listQuery,
    isPaged: true,
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
    responses: { 204: { description: "It stops working everywhere within seconds" } },
  },
  async (c, { params }) => {
    await revokePersonalToken(verbContext(c), { token: params.id });
    return c.body(null, 204);
  },
);
