import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../http.ts";
import { requireUser } from "./authorize.ts";

/**
 * For paths that only users may call: 401 for nobody and 403 for an API key, before the body is looked at.
 * What the user may do there is still for the verbs to decide.
 */
export const usersOnly = createMiddleware<AppEnv>(async (c, next) => {
  requireUser(c.var.caller);
  await next();
});
