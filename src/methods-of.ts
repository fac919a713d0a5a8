import type { Hono } from "hono";
import { AppError } from "./errors.ts";
import type { AppContext, AppEnv } from "./http.ts";

const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/** Says which methods an address has by the routes of `app`; none where there is no such address. */
export function methodsOf(app: Pick<Hono<AppEnv>, "routes">): (path: string) => string[] {
  let patterns: { method: string; pattern: RegExp }[] | null = null;
  return (path) => {
    // Routes are added until the first request.
    patterns ??= app.routes
      .filter(({ method }) => METHODS.has(method))
      .map((route) => ({ method: route.method, pattern: patternOf(route.path) }));
    const methods = new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
    if (methods.has("GET")) methods.add("HEAD");
    return methods.size === 0 ? [] : [...methods, "OPTIONS"];
  };
}

function patternOf(path: string): RegExp {
  const segments = path.split("/").map((segment) => {
    if (segment.startsWith(":")) return "[^/]+";
    return segment === "*" ? ".*" : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${segments.join("/")}/?$`);
}

/** The answer at an address that has other methods: 204 to OPTIONS, which asks for them; else throws 405. */
export function wrongMethod(c: AppContext, methods: string[]): Response {
  const { method } = c.req;
  if (method === "OPTIONS") return c.body(null, 204, { allow: methods.join(", ") });
  throw new AppError("method_not_allowed", `${method.slice(0, 20)} is not possible here. Use ${methods.join(", ")}.`, {
    allow: methods,
  });
}
