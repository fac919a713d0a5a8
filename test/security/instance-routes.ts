import { randomText } from "../../src/lib/id.ts";
import { expectStatus } from "../support/deployment.ts";
import { ADMIN, callApi, createUser, SETUP_TOKEN } from "../support/instance.ts";
import type { Payload } from "./request.ts";
import type { Harmless, Rows } from "./route-table.ts";
import type { Credential } from "./world.ts";

const json = (value: unknown) => (): Payload => ({ json: value });
const form = (fields: Record<string, string>) => (): Payload => ({ form: fields });
const sends = (payload: Payload) => (): Harmless => ({ payload });

const newUser = () => ({ email: `${randomText(12)}@tiltyard.test`, name: "New" });
const PASSWORDS = { current_password: "password of a user", new_password: "another password" };
const TOO_SHORT = { current_password: "password of a user", new_password: "short" };

/** A user for one request only. */
async function someUser(): Promise<Harmless> {
  return { ids: { user: (await createUser()).id } };
}

/** A token of the caller's own. */
async function ownToken(_: unknown, credential: Credential): Promise<Harmless> {
  const token = credential && "token" in credential ? credential.token : undefined;
  const made = expectStatus(await callApi("POST", "/api/v1/tokens", { name: "Own" }, token), 201);
  return { ids: { token: made.text("id") } };
}

/** What belongs to no project. */
export const instanceRoutes: Rows = {
  "a probe": {
    "GET /health": { status: 200 },
    "GET /static/*": { status: 200 },
  },
  "open to all": {
    "GET /": { status: 303 },
    "GET /sign-in": { status: [200, 303] },
    "POST /sign-in": {
      status: 303,
      harmless: async () => {
        const { email, password } = await createUser();
        return { payload: { form: { email, password } } };
      },
    },
    "GET /sign-out": { status: 200 },
    "POST /sign-out": { status: 303, sends: form({}) },
    "GET /setup": { status: 303 },
    "POST /setup": { status: 409, sends: form({ setup_token: SETUP_TOKEN, ...ADMIN }) },
    "POST /api/v1/setup": { status: 409, sends: json({ setup_token: SETUP_TOKEN, ...ADMIN }) },
    "GET /invitations/:secret": { status: 200 },
    "POST /invitations/:secret": {
      status: 422,
      sends: form({ name: "Invited", password: "a password that fits" }),
      harmless: sends({ form: { name: "Invited", password: "short" } }),
    },
    "GET /docs": { status: 200 },
    "GET /openapi.json": { status: 200 },
    "GET /openapi.yaml": { status: 200 },
    "GET /v2": { status: 200 },
    "GET /v2/": { status: 200 },
    "GET /v2/health/live": { status: 200 },
    "GET /v2/health/ready": { status: 200 },
    // Leads to the page of the experiment, which decides.
    "GET /experiments/:experiment/versions": { status: 303 },
  },
  "signed in": {
    "GET /api/v1/me": { status: 200 },
    "GET /api/v1/projects": { status: 200 },
    "POST /api/v1/projects": { status: 201, sends: json({ name: "Mine" }) },
    "GET /projects": { status: 200 },
    "POST /projects": { status: 303, sends: form({ name: "Mine" }) },
  },
  "own account": {
    "GET /api/v1/tokens": { status: 200 },
    "POST /api/v1/tokens": { status: 201, sends: json({ name: "New" }) },
    "DELETE /api/v1/tokens/:id": { status: 204, harmless: ownToken },
    "POST /api/v1/me/password": { status: 422, sends: json(PASSWORDS), harmless: sends({ json: TOO_SHORT }) },
    "GET /account": { status: 200 },
    "POST /account/tokens": { status: 201, sends: form({ name: "New" }) },
    "POST /account/tokens/:id/revoke": { status: 303, sends: form({}), harmless: ownToken },
    "POST /account/password": { status: 422, sends: form(PASSWORDS), harmless: sends({ form: TOO_SHORT }) },
  },
  "instance admin": {
    "GET /api/v1/audit": { status: 200 },
    "GET /audit": { status: 200 },
    "GET /audit/export": { status: 422 },
    "GET /api/v1/users": { status: 200 },
    "POST /api/v1/users": { status: 201, sends: () => ({ json: newUser() }) },
    "GET /api/v1/users/:id": { status: 200 },
    "PATCH /api/v1/users/:id": {
      status: 200,
      sends: json({ role: "admin", name: "Renamed" }),
      harmless: sends({ json: {} }),
    },
    "DELETE /api/v1/users/:id": { status: 204, harmless: someUser },
    "POST /api/v1/users/:id/invitation": { status: 201, sends: json({}), harmless: someUser },
    "GET /users": { status: 200 },
    "POST /users": { status: 201, sends: () => ({ form: { ...newUser(), role: "member" } }) },
    "GET /users/:id": { status: 200 },
    "POST /users/:id": { status: 303, sends: form({ name: "Renamed", role: "admin" }), harmless: someUser },
    "POST /users/:id/invitation": { status: 201, sends: form({}), harmless: someUser },
    "GET /users/:id/deactivate": { status: 200 },
    "POST /users/:id/deactivate": { status: 303, sends: form({}), harmless: someUser },
    "POST /users/:id/reactivate": { status: 303, sends: form({}), harmless: someUser },
    "GET /users/:id/delete": { status: 200 },
    "POST /users/:id/delete": {
      status: 422,
      sends: ({ subject }) => ({ form: { confirm: subject.email } }),
      harmless: sends({ form: { confirm: "" } }),
    },
  },
};
