import { env } from "cloudflare:workers";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { fromHono } from "chanfana";
import { Hono } from "hono";
import { authenticate } from "../../../src/access/authenticate.ts";
import { AppError, isAppError } from "../../../src/errors.ts";
import { type AppEnv, problemResponse } from "../../../src/http.ts";
import { mountDatasetsApi } from "../../../src/pipelines/datasets/api.ts";
import { Answer } from "../../support/answer.ts";
import { ORIGIN } from "../../support/instance.ts";

const app = new Hono<AppEnv>();
app.onError((error) => {
  if (!isAppError(error)) throw error;
  return problemResponse(error, "request of a test");
});
app.use(authenticate);
mountDatasetsApi(fromHono(app, { docs_url: null, redoc_url: null, openapi_url: null, passthroughErrors: true }));
app.notFound((c) => problemResponse(new AppError("not_found", "nothing here"), c.req.path));

/** Calls the API of datasets with real storage; what the answer leaves to be done is done before this returns. */
export async function call(method: string, path: string, token: string, init: RequestInit = {}): Promise<Answer> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token}`);
  const context = createExecutionContext();
  const request = new Request(new URL(path, ORIGIN), { ...init, method, headers });
  const answer = await Answer.of(await app.fetch(request, env, context));
  await waitOnExecutionContext(context);
  return answer;
}

/** `call` with a JSON body. */
export function callJson(method: string, path: string, token: string, body: unknown): Promise<Answer> {
  return call(method, path, token, { headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}
