import { applyD1Migrations, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { randomBytes, scryptSync } from "node:crypto";
import { vi } from "vitest";
import type { Caller } from "../../src/access/caller.ts";
import { createPersonalToken } from "../../src/access/personal-tokens.ts";
import { users } from "../../src/access/schema.ts";
import { type Database, database } from "../../src/db.ts";
import { forgetDeploymentsOf } from "../../src/deployments/find-deployment.ts";
import { newId, randomText } from "../../src/lib/id.ts";
import type { VerbContext } from "../../src/verb-context.ts";
import { Answer } from "./answer.ts";

/** Where the tests' instance answers. Plain HTTP, as `npm start` does; a test of what HTTPS changes names another origin. */
export const ORIGIN = "http://tiltyard.test";
export const SETUP_TOKEN = "setup-token-of-the-tests";
/** The first admin. Each instance gives them another address: sign-ins are limited by account, and a reset does not touch the limits. */
export const ADMIN = { email: newAddress(), name: "Admin", password: "password of the admin" };

/** The settings of wrangler.toml. Files share a runtime, and a test may change `env`. */
const SETTINGS = Object.fromEntries(Object.entries(env).filter(([, value]) => typeof value === "string"));

/** A user of the instance with a personal token. */
export interface TestUser {
  id: string;
  email: string;
  password: string;
  token: string;
}

export interface NewTestUser {
  role?: "admin" | "member";
  password?: string;
}

export interface Instance {
  db: Database;
  adminId: string;
  adminToken: string;
  fetch: typeof fetchInstance;
  api: typeof callApi;
  createUser: typeof createUser;
}

/** Empties all storage, restores the settings and applies the migrations: an instance that nobody has set up. */
export async function startEmptyInstance(): Promise<Omit<Instance, "adminId" | "adminToken">> {
  Object.assign(env, SETTINGS);
  vi.useRealTimers();
  // The reset spares objects that are not in memory, and idle ones leave it after 10 s: the database and the bucket are woken first.
  await Promise.all([forgetDeployments(), env.STORE.head("none")]);
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  return { db: database(env), fetch: fetchInstance, api: callApi, createUser };
}

/** Slugs come again in another file, sooner than the Worker forgets by itself whose they were. */
async function forgetDeployments(): Promise<void> {
  const table = await env.DB.prepare("select name from sqlite_master where name = 'projects'").first();
  if (table === null) return;
  const { results } = await env.DB.prepare("select id from projects").all<{ id: string }>();
  for (const { id } of results) forgetDeploymentsOf(id);
}

/** An empty instance with its first admin, set up through the API. For `beforeAll`: storage lasts for the file. */
export async function startInstance(): Promise<Instance> {
  const instance = await startEmptyInstance();
  ADMIN.email = newAddress();
  const answer = await callApi("POST", "/api/v1/setup", { setup_token: SETUP_TOKEN, ...ADMIN });
  return { ...instance, adminId: answer.text("user.id"), adminToken: answer.text("token") };
}

/** Sends a request to the real Worker, from an address of its own unless told; redirects are not followed. */
export function fetchInstance(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (!headers.has("cf-connecting-ip")) headers.set("cf-connecting-ip", randomText(10));
  return exports.default.fetch(new Request(new URL(path, ORIGIN), { redirect: "manual", ...init, headers }));
}

/** Calls the API with a JSON body and a bearer token, each where given. */
export async function callApi(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
  const headers = new Headers();
  if (body !== undefined) headers.set("content-type", "application/json");
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  return Answer.of(await fetchInstance(path, init));
}

/** Writes a user and a personal token of theirs straight into the store, with a password that is cheap to check. */
export async function createUser({
  role = "member",
  password = "password of a user",
}: NewTestUser = {}): Promise<TestUser> {
  const db = database(env);
  const id = newId("usr");
  const email = newAddress();
  const createdAt = Date.now();
  await db.insert(users).values({ id, email, name: "A user", passwordHash: cheapHash(password), role, createdAt });
  const { secret } = await createPersonalToken(contextOf(), { user: id, name: "test" });
  return { id, email, password, token: secret };
}

/** What a verb that is called without a request is given. */
export function contextOf(caller: Caller = { kind: "nobody" }, nowMs = Date.now()): VerbContext {
  return { env, db: database(env), caller, nowMs, origin: ORIGIN };
}

function newAddress(): string {
  return `${randomText(12)}@tiltyard.test`;
}

function cheapHash(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 2, r: 1, p: 1 });
  return ["scrypt", 2, 1, 1, salt.toString("base64url"), hash.toString("base64url")].join("$");
}
