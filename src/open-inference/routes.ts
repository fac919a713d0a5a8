import { type ErrorHandler, Hono } from "hono";
import { authenticate } from "../access/authenticate.ts";
import { refuseForeignOrigin } from "../access/same-origin.ts";
import { hostFor } from "../deployments/reach-host.ts";
import { runningStatus } from "../deployments/running-status.ts";
import { AppError, STATUS_OF_CODE } from "../errors.ts";
import { type AppContext, type AppEnv, refusalFor, refusalHeaders, requestIdOf } from "../http.ts";
import { methodsOf, wrongMethod } from "../methods-of.ts";
import type { Call } from "../inference/call/answer-predict.ts";
import { pageHeaders } from "../page-headers.ts";
import { VERSION } from "../version.ts";
import { infer } from "./infer.ts";
import { modelMetadata } from "./model-metadata.ts";
import { findVersion, type ModelPath, notCurrentText } from "./model-version.ts";

/** Probes come every few seconds, from many places; a host need not be asked for each. */
const READY_AGE_MS_MAX = 2_000;

/** After which it makes sense to look whether somebody has rolled back to another version. */
const ROLLBACK_SECONDS = 60;

/**
 * The Open Inference Protocol v2 over REST: a deployment is a model, its features are the input tensors. Credentials and rights are
 * those of predict. Stands before the app's own middleware and runs it itself, so that each error is `{"error"}` as the protocol says.
 */
export function openInference(): Hono<AppEnv> {
  const server = new Hono<AppEnv>();
  server.onError(answerError);
  server.use("/v2/*", pageHeaders, refuseForeignOrigin, authenticate);

  for (const path of ["/v2", "/v2/"])
    server.get(path, (c) => c.json({ name: "tiltyard", version: VERSION, extensions: [] }));
  server.get("/v2/health/live", (c) => c.json({ live: true }));
  server.get("/v2/health/ready", (c) => c.json({ live: true, ready: true }));

  for (const path of ["/v2/models/:name", "/v2/models/:name/versions/:version"]) {
    server.get(path, async (c) => c.json(await modelMetadata(callOf(c), pathOf(c))));
    server.get(`${path}/ready`, answerReady);
    server.post(`${path}/infer`, async (c) => {
      const body = await infer(callOf(c), pathOf(c), requestIdOf(c));
      return c.body(body, 200, { "content-type": "application/json" });
    });
  }

  const methodsAt = methodsOf(server);
  server.all("/v2/*", (c) => {
    const methods = methodsAt(c.req.path);
    if (methods.length > 0) return wrongMethod(c, methods);
    throw new AppError("not_found", "No such path. Inference is POST /v2/models/<name>/infer.");
  });
  return server;
}

/**
 * 200 when the host near the caller answers, 503 when it does not and for a version that is not the current one; 404 for one that there
 * is not. Clients of this protocol go by the status alone, so no 200 says `ready: false`.
 */
async function answerReady(c: AppContext): Promise<Response> {
  const path = pathOf(c);
  const { deployment, isCurrent } = await findVersion(callOf(c), path);
  const current = deployment.currentVersion;
  if (!isCurrent) return notReady(c, deployment.slug, notCurrentText(path.version ?? "", current), ROLLBACK_SECONDS);
  const host = hostFor(c.env, c.req.raw, deployment.id, current);
  const { running } = await runningStatus(c.env, deployment, host, Date.now(), READY_AGE_MS_MAX);
  if (running) return c.json({ name: deployment.slug, ready: true });
  return notReady(c, deployment.slug, "The deployment does not answer now. Its owners can see why.", 5);
}

function notReady(c: AppContext, name: string, error: string, retryAfterSeconds: number): Response {
  c.header("retry-after", String(retryAfterSeconds));
  return c.json({ name, ready: false, error }, STATUS_OF_CODE.not_running);
}

function callOf(c: AppContext): Call {
  return { env: c.env, request: c.req.raw, background: c.executionCtx, caller: c.var.caller };
}

function pathOf(c: AppContext): ModelPath {
  return { name: c.req.param("name") ?? "", version: c.req.param("version") };
}

/** A refusal as the protocol writes it, under the status that it has everywhere; anything else is a 500 that says nothing of the inside. */
const answerError: ErrorHandler<AppEnv> = (error, c) => {
  const refusal = refusalFor(error, requestIdOf(c));
  for (const [name, value] of refusalHeaders(refusal)) c.header(name, value);
  return c.json({ error: refusal.message }, STATUS_OF_CODE[refusal.code]);
};
