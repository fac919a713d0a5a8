import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { and, eq, lte, sql } from "drizzle-orm";
import { auditedChange } from "../audit/audited-change.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { AppContext } from "../http.ts";
import { insertWhere } from "../insert-where.ts";
import { sha256Hex } from "../lib/hash.ts";
import { DAY_MS } from "../lib/time.ts";
import type { VerbContext } from "../verb-context.ts";
import { isActive } from "./queries.ts";
import { sessions, users } from "./schema.ts";
import { randomBase62 } from "./secret-text.ts";
import type { User } from "./user-json.ts";

const SESSION_MS = 30 * DAY_MS;

/**
 * Opens a session for the user and gives the text for the cookie. Always a new one: a planted cookie never becomes signed in.
 * `passwordHash` is the stored password that was verified. 401 when the user is gone or deactivated, or has another password by now.
 */
export async function openSession(
  ctx: VerbContext,
  { user, passwordHash }: { user: Pick<User, "id" | "email">; passwordHash?: string },
): Promise<string> {
  const { db, nowMs } = ctx;
  const { id: userId, email } = user;
  const token = randomBase62();
  const session = { tokenHash: await sha256Hex(token), userId, createdAt: nowMs, expiresAt: nowMs + SESSION_MS };
  // In the write itself: checking a password takes long enough for its account to be closed meanwhile.
  const mayOpen = and(
    isActive(db, userId),
    passwordHash === undefined
      ? undefined
      : sql`exists (select 1 from ${users} where ${users.id} = ${userId} and ${users.passwordHash} = ${passwordHash})`,
  );
  const [opened] = await auditedChange(
    { ...ctx, caller: { kind: "user", userId, email, via: "session", address: ctx.caller.address ?? null } },
    insertWhere(db, sessions, session, mayOpen).returning({ userId: sessions.userId }),
    // A session has no name but its secret, so that the entry is about the user.
    { projectId: null, action: "session.open", object: { kind: "session", id: userId, name: email } },
    () => [db.delete(sessions).where(and(eq(sessions.userId, userId), lte(sessions.expiresAt, nowMs)))],
  );
  if (!opened) throw new AppError("unauthorized", "This account was changed while you signed in. Sign in again.");
  return token;
}

async function endSession(db: Database, token: string): Promise<void> {
  await db.delete(sessions).where(eq(sessions.tokenHash, await sha256Hex(token)));
}

// A `__Host-` cookie cannot be set by a sibling domain, but needs HTTPS: on one's own machine there is a plain name.
const isSecure = (c: AppContext): boolean => new URL(c.req.url).protocol === "https:";
const cookieName = (c: AppContext): string => (isSecure(c) ? "__Host-tiltyard" : "tiltyard");
const cookieOptions = (c: AppContext) => ({ path: "/", httpOnly: true, sameSite: "Lax", secure: isSecure(c) }) as const;

/** The text of the session cookie that came with the request. */
export function sessionCookie(c: AppContext): string | undefined {
  return getCookie(c, cookieName(c));
}

/** Ends the session of the browser that calls, if there is one. */
export async function endPresentSession(c: AppContext, db: Database): Promise<void> {
  const token = sessionCookie(c);
  if (token !== undefined) await endSession(db, token);
}

export function setSessionCookie(c: AppContext, token: string): void {
  setCookie(c, cookieName(c), token, { ...cookieOptions(c), maxAge: SESSION_MS / 1_000 });
}

export function clearSessionCookie(c: AppContext): void {
  deleteCookie(c, cookieName(c), cookieOptions(c));
}
