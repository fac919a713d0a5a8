import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { and, eq, lte } from "drizzle-orm";
import type { Database } from "../db.ts";
import type { AppContext } from "../http.ts";
import { sha256Hex } from "../lib/hash.ts";
import { DAY_MS } from "../lib/time.ts";
import { sessions } from "./schema.ts";
import { randomBase62 } from "./secret-text.ts";

const SESSION_MS = 30 * DAY_MS;

/** Opens a session for the user and gives the text for the cookie. Always a new one: a planted cookie never becomes signed in. */
export async function openSession(db: Database, userId: string, nowMs: number): Promise<string> {
  const token = randomBase62();
  const tokenHash = await sha256Hex(token);
  await db.batch([
    db.delete(sessions).where(and(eq(sessions.userId, userId), lte(sessions.expiresAt, nowMs))),
    db.insert(sessions).values({ tokenHash, userId, createdAt: nowMs, expiresAt: nowMs + SESSION_MS }),
  ]);
  return token;
}

/** Ends the session that this cookie text opens; nothing happens when there is none. */
export async function endSession(db: Database, token: string): Promise<void> {
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

export function setSessionCookie(c: AppContext, token: string): void {
  setCookie(c, cookieName(c), token, { ...cookieOptions(c), maxAge: SESSION_MS / 1_000 });
}

export function clearSessionCookie(c: AppContext): void {
  deleteCookie(c, cookieName(c), cookieOptions(c));
}
