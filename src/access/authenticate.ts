import { and, eq, isNull, lt, or } from "drizzle-orm";
import { createMiddleware } from "hono/factory";
import { type Database, database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { AppEnv } from "../http.ts";
import { sha256Hex } from "../lib/hash.ts";
import { MINUTE_MS } from "../lib/time.ts";
import type { Caller } from "./caller.ts";
import { cacheCredential, cachedCredential, type Credential } from "./credential-cache.ts";
import { findApiKey, findPersonalToken, findSessionCaller } from "./find-credential.ts";
import { addressOf } from "./limit-guesses.ts";
import { apiKeys, personalTokens } from "./schema.ts";
import { type SecretKind, secretKind } from "./secret-text.ts";
import { clearSessionCookie, sessionCookie } from "./session.ts";

/**
 * Finds out who is calling and sets `c.var.caller`. A bearer token goes before the session cookie; one that is not
 * valid is a 401 even where nobody may enter. A cookie that opens no session is cleared, and nobody is calling.
 */
export const authenticate = createMiddleware<AppEnv>(async (c, next) => {
  const authorization = c.req.header("authorization");
  const cookie = sessionCookie(c);
  const address = addressOf(c);
  if (authorization !== undefined) {
    c.set("caller", { ...(await bearerCaller(c.env, c.executionCtx, authorization)), address });
    return next();
  }
  c.set("caller", { kind: "nobody", address });
  if (cookie === undefined) return next();
  const caller = await findSessionCaller(database(c.env), await sha256Hex(cookie), Date.now());
  if (caller) c.set("caller", { ...caller, address });
  await next();
  // A handler that signed somebody in has set a better one.
  if (!caller && c.res.headers.getSetCookie().length === 0) clearSessionCookie(c);
});

/** What is needed to let work go on behind the answer. */
type Background = Pick<ExecutionContext, "waitUntil">;

/** Who calls by an Authorization header; 401 when it is no valid `Bearer <token>`. */
export async function bearerCaller(env: Env, background: Background, authorization: string): Promise<Caller> {
  const [, secret] = /^Bearer +(\S+)$/i.exec(authorization.trim()) ?? [];
  if (secret === undefined) {
    throw new AppError(
      "unauthorized",
      "The Authorization header must read `Bearer <token>`: a personal token or an API key.",
    );
  }
  const credential = await readCredential(env, background, secret);
  if (!credential) {
    throw new AppError(
      "unauthorized",
      "This token is not valid: it is mistyped, has expired, or was revoked. Create a new one.",
    );
  }
  return credential.caller;
}

/** From memory where it was read lately: then one call reads it again behind its answer, and the others do not wait. */
async function readCredential(env: Env, background: Background, secret: string): Promise<Credential | null> {
  const nowMs = Date.now();
  const cached = cachedCredential(secret, nowMs);
  if (cached?.isDue) background.waitUntil(refresh(env, background, secret, nowMs));
  if (cached) return cached.credential;
  return findCredential(env, background, secret, nowMs);
}

async function refresh(env: Env, background: Background, secret: string, nowMs: number): Promise<void> {
  try {
    await findCredential(env, background, secret, nowMs);
  } catch (error) {
    // The copy ages out by itself, and the next call then reads in the foreground.
    console.warn("a credential could not be read again", error);
  }
}

async function findCredential(
  env: Env,
  background: Background,
  secret: string,
  nowMs: number,
): Promise<Credential | null> {
  const kind = secretKind(secret);
  if (!kind) return null;
  const db = database(env);
  const credential = await (kind === "typ" ? findPersonalToken : findApiKey)(db, await sha256Hex(secret), nowMs);
  cacheCredential(secret, credential, nowMs);
  if (credential && (credential.lastUsedAt ?? 0) <= nowMs - MINUTE_MS) {
    background.waitUntil(noteUse(db, kind, credential.id, nowMs));
  }
  return credential;
}

/** Writes down that a credential was used, at most once a minute. Comes after the answer and cannot fail it. */
async function noteUse(db: Database, kind: SecretKind, id: string, nowMs: number): Promise<void> {
  const table = kind === "typ" ? personalTokens : apiKeys;
  const isDue = or(isNull(table.lastUsedAt), lt(table.lastUsedAt, nowMs - MINUTE_MS + 1));
  try {
    await db
      .update(table)
      .set({ lastUsedAt: nowMs })
      .where(and(eq(table.id, id), isDue));
  } catch (error) {
    console.warn(`last use of ${id} was not written`, error);
  }
}
