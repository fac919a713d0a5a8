import { createMiddleware } from "hono/factory";
import { database } from "../db.ts";
import type { AppEnv } from "../http.ts";
import { findDeploymentCached } from "./find-deployment.ts";

/** The addresses at which a page of another site may use a public deployment. */
const PATH =
  /^\/(?:api\/v1\/deployments\/([\w-]+)\/(predict|about|inputs|outputs)|v2\/models\/([\w-]+)(?:\/versions\/[^/]+)?(\/ready|\/infer)?|docs\/([\w-]+)\/openapi\.json)\/?$/;

/** Said with every answer of a public deployment at such an address. Cookies are never taken along: nothing allows credentials. */
export const CORS_HEADERS: readonly [string, string][] = [
  ["access-control-allow-origin", "*"],
  ["access-control-expose-headers", "retry-after, x-request-id"],
];

/**
 * Lets pages of any site call public deployments, and answers the question that browsers ask before they do. Elsewhere nothing is said, so
 * that browsers keep answers from other sites.
 */
export const corsOfPublic = createMiddleware<AppEnv>(async (c, next) => {
  const [, ofApi, call, ofProtocol, rest, ofDocs] = PATH.exec(c.req.path) ?? [];
  const name = ofApi ?? ofProtocol ?? ofDocs;
  if (name === undefined) return next();
  const isPublic = async (): Promise<boolean> => {
    const waitUntil = (work: Promise<void>): void => c.executionCtx.waitUntil(work);
    const deployment = await findDeploymentCached({ db: database(c.env), nowMs: Date.now(), waitUntil }, name);
    return deployment?.access === "public";
  };
  if (c.req.method === "OPTIONS") {
    if (!(await isPublic())) return next();
    const methods = call === "predict" || rest === "/infer" ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
    return c.body(null, 204, {
      ...Object.fromEntries(CORS_HEADERS),
      allow: methods,
      "access-control-allow-methods": methods,
      "access-control-allow-headers": "content-type, content-encoding, idempotency-key",
      "access-control-max-age": "7200",
    });
  }
  await next();
  if (await isPublic()) for (const [header, value] of CORS_HEADERS) c.header(header, value);
});
