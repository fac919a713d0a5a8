import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { and, eq, isNull, lte, sql } from "drizzle-orm";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { AppContext } from "../http.ts";
import { sha256Hex } from "../lib/hash.ts";
import { DAY_MS } from "../lib/time.ts";
import { sessions, users } from "./schema.ts";
import { randomBase62 } from "./secret-text.ts";

const SESSION_MS = 30 * DAY_MS;

/** What is known of a sign-in besides whose it is. */
export interface SignInFacts {
  /** Network address, for the audit log. */
  address?: string | null;
  /** The stored password that was verified: one that has been changed since then opens nothing. */
  passwordHash?: string;
}

/**
 * Opens a session for the user and gives the text for the cookie. Always a new one: a planted cookie never becomes signed in.
 * 401 when the user is gone or deactivated, or has another password by now.
 */
export async function openSession(
  db: Database,
  userId: string,
  nowMs: number,
  { address = null, passwordHash }: SignInFacts = {},
): Promise<string> {
  const token = randomBase62();
  const tokenHash = await sha256Hex(token);
  // In the write itself: checking a password takes long enough for its account to be closed meanwhile.
  const mayOpen = and(
    eq(users.id, userId),
    isNull(users.deactivatedAt),
    passwordHash === undefined ? undefined : eq(users.passwordHash, passwordHash),
  );
  const session = {
    tokenHash: sql<string>`${tokenHash}`.as("tokenHash"),
    userId: users.id,
    createdAt: sql<number>`${nowMs}`.as("createdAt"),
    expiresAt: sql<number>`${nowMs + SESSION_MS}`.as("expiresAt"),
  };
  const [, opened, [user]] = await db.batch([
    db.delete(sessions).where(and(eq(sessions.userId, userId), lte(sessions.expiresAt, nowMs))),
    db.insert(sessions).select(db.select(session).from(users).where(mayOpen)).returning({ userId: sessions.userId }),
    db.select({ email: users.email }).from(users).where(eq(users.id, userId)),
  ]);
  if (opened.length === 0 || !user) {
    throw new AppError("unauthorized", "This account was changed while you signed in. Sign in again.");
  }
  const actor = { kind: "user", userId, email: user.email, via: "session", address } as const;
  // A session has no name but its secret, so that the entry is about the user.
  const object = { kind: "session", id: userId, name: user.email };
  await writeAudit(db, actor, { projectId: null, action: "session.open", object }, nowMs);
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
