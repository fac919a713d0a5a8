import { createMiddleware } from "hono/factory";
import { AppError } from "../errors.ts";
import { type AppContext, type AppEnv, originOf } from "../http.ts";
import { sessionCookie } from "./session.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
// Here a foreign page could sign its visitor in to an account of its own choice.
const SIGN_IN_PATH = /^\/(sign-in|setup|invitations)(\/|$)/;

/**
 * Refuses with 403 what changes state in the name of a session cookie unless our own page sent it, whatever the content
 * type. A bearer token is no ambient credential: requests that carry one pass.
 */
export const refuseForeignOrigin = createMiddleware<AppEnv>(async (c, next) => {
  if (SAFE_METHODS.has(c.req.method) || c.req.header("authorization") !== undefined) return next();
  const sender = senderOf(c);
  const isRefused =
    sessionCookie(c) !== undefined ? sender !== "us" : SIGN_IN_PATH.test(c.req.path) && sender === "foreign";
  if (isRefused) {
    throw new AppError(
      "forbidden",
      "This request came from another site, or has no origin. Send it from the pages of this instance, or use a personal token.",
    );
  }
  return next();
});

/** Who sent the request, as far as the browser says. Sec-Fetch-Site goes first: behind a proxy the Origin may name another host. */
function senderOf(c: AppContext): "us" | "foreign" | "unknown" {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" || site === "none" ? "us" : "foreign";
  const origin = c.req.header("origin");
  if (origin === undefined) return "unknown";
  return origin === originOf(c) || origin === new URL(c.req.url).origin ? "us" : "foreign";
}
