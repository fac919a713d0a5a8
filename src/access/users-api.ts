import { z } from "zod";
import { database } from "../db.ts";
import { type Api, endpoint, verbInput } from "../endpoint.ts";
import { originOf, pageRequest } from "../http.ts";
import { iso } from "../lib/time.ts";
import { verbContext } from "../verb-context.ts";
import { requireUser } from "./authorize.ts";
import { changePassword, passwordChangeInput } from "./change-password.ts";
import { createUser, userInput } from "./create-user.ts";
import { deleteUser } from "./delete-user.ts";
import { invitationUrl, inviteUser } from "./invite-user.ts";
import { listJson, listQuery, listSchema } from "../list-cursor.ts";
import { listUsers, requireManagedUser } from "./queries.ts";
import { sessionCookie } from "./session.ts";
import { updateUser, userChangesInput } from "./update-user.ts";
import { managedUserJson, managedUserSchema, userJson, userSchema } from "./user-json.ts";
import { usersOnly } from "./users-only.ts";

/** Mounts the users of the instance and the password of who is calling. */
export function mountUsersApi(api: Api): void {
  api.use("/api/v1/users/*", usersOnly);
  api.use("/api/v1/me/password", usersOnly);
  api.post("/api/v1/users", createUserEndpoint);
  api.get("/api/v1/users", listUsersEndpoint);
  api.get("/api/v1/users/:id", getUserEndpoint);
  api.patch("/api/v1/users/:id", updateUserEndpoint);
  api.delete("/api/v1/users/:id", deleteUserEndpoint);
  api.post("/api/v1/users/:id/invitation", inviteUserEndpoint);
  api.post("/api/v1/me/password", changePasswordEndpoint);
}

const params = z.object({ id: z.string() });
const invitationUrlSchema = z.string().describe("Sets a password once, within 7 days. Shown once");

const createUserEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Create a user (instance admin)",
    description: "Without a password the user gets an invitation. Pass its address on: only this answer contains it.",
    body: userInput,
    responses: {
      201: {
        description: "The user",
        schema: z.object({ user: userSchema, invitation_url: invitationUrlSchema.optional() }),
      },
    },
  },
  async (c, { body }) => {
    const { user, invitation } = await createUser(verbContext(c), body);
    const link = invitation ? { invitation_url: invitationUrl(originOf(c), invitation) } : {};
    return c.json({ user: userJson(user), ...link }, 201);
  },
);

const listUsersEndpoint = endpoint(
  {
    tag: "Access",
    summary: "List the users (instance admin)",
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Newest first", schema: listSchema(managedUserSchema) } },
  },
  async (c) => c.json(listJson(await listUsers(database(c.env), c.var.caller, pageRequest(c)), managedUserJson)),
);

const getUserEndpoint = endpoint(
  {
    tag: "Access",
    summary: "A user (instance admin)",
    params,
    responses: { 200: { description: "The user", schema: managedUserSchema } },
  },
  async (c, { params: { id } }) => c.json(managedUserJson(await requireManagedUser(database(c.env), c.var.caller, id))),
);

const updateUserEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Change a user (instance admin)",
    description:
      "Deactivation ends the user's sessions, personal tokens and links. Reactivation does not restore them. " +
      "409 if the instance would have no active admin.",
    params,
    body: userChangesInput,
    responses: { 200: { description: "The user as it is now", schema: managedUserSchema } },
  },
  async (c, { params: { id }, body }) => {
    return c.json(managedUserJson(await updateUser(verbContext(c), verbInput({ user: id }, body))));
  },
);

const deleteUserEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Delete a user (instance admin)",
    description:
      "409 for the last admin of the instance and for the only admin of a project. The message names the projects.",
    params,
    responses: { 204: { description: "The user is deleted; what the user created stays" } },
  },
  async (c, { params: { id } }) => {
    await deleteUser(verbContext(c), { user: id });
    return c.body(null, 204);
  },
);

const inviteUserEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Create a link that sets a user's password (instance admin)",
    description: "For the first password, or for a new one if it was forgotten. Earlier links stop working.",
    params,
    responses: {
      201: {
        description: "The link",
        schema: z.object({ invitation_url: invitationUrlSchema, expires_at: z.string() }),
      },
    },
  },
  async (c, { params: { id } }) => {
    const invitation = await inviteUser(verbContext(c), { user: id });
    const body = { invitation_url: invitationUrl(originOf(c), invitation), expires_at: iso(invitation.expiresAt) };
    return c.json(body, 201);
  },
);

const changePasswordEndpoint = endpoint(
  {
    tag: "Access",
    summary: "Change your password",
    description: "Ends your other sessions. Personal tokens keep working. 403 for a wrong current password.",
    body: passwordChangeInput,
    responses: { 204: { description: "It is changed" } },
  },
  async (c, { body }) => {
    const caller = requireUser(c.var.caller);
    const keptSession = caller.via === "session" ? sessionCookie(c) : undefined;
    await changePassword(verbContext(c), verbInput({ keptSession }, body));
    return c.body(null, 204);
  },
);
