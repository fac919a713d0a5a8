import type { Caller } from "../../access/caller.ts";
import { bearerCaller } from "../../access/authenticate.ts";
import { database } from "../../db.ts";
import { CORS_HEADERS } from "../../deployments/cors-of-public.ts";
import {
  type DeploymentRow,
  findDeploymentCached,
  requireDeploymentCached,
} from "../../deployments/find-deployment.ts";
import { drainBody, parseJson, problemResponse, readJsonText, refusalFor } from "../../http.ts";
import { answerOnce } from "./answer-once.ts";
import { predict } from "./predict.ts";
import { readRows } from "./read-rows.ts";

/** A call as it reached the Worker, and who makes it. */
export interface Call {
  env: Env;
  request: Request;
  background: Pick<ExecutionContext, "waitUntil">;
  caller: Caller;
}

const ANSWER_HEADERS = new Headers({ "content-type": "application/json", "x-content-type-options": "nosniff" });
const PUBLIC_ANSWER_HEADERS = new Headers([...ANSWER_HEADERS, ...CORS_HEADERS.map(([name, value]) => [name, value])]);

/** POST /api/v1/deployments/{d}/predict, for a caller who is known. The body is read by hand: it comes thousands of times a second. */
export async function answerPredict(call: Call, idOrSlug: string): Promise<Response> {
  const { env, request } = call;
  // The right comes before the body: who may not call learns nothing about what a body should be.
  const deployment = await callableDeployment(call, idOrSlug);
  const text = await readJsonText(request);
  const key = request.headers.get("idempotency-key");
  const answer = (): Promise<string> => answerBody(call, deployment, text);
  const body = key === null ? await answer() : await answerOnce(env, deployment.id, key, text, answer);
  return new Response(body, { headers: deployment.access === "public" ? PUBLIC_ANSWER_HEADERS : ANSWER_HEADERS });
}

/** The deployment, for a caller who may predict with it; from memory up to 4 s old. */
export function callableDeployment({ env, background, caller }: Call, idOrSlug: string): Promise<DeploymentRow> {
  const waitUntil = (work: Promise<void>): void => background.waitUntil(work);
  return requireDeploymentCached({ db: database(env), caller, nowMs: Date.now(), waitUntil }, idOrSlug, "predict");
}

const PREDICT_PATH = /^https?:\/\/[^/]+\/api\/v1\/deployments\/([\w-]+)\/predict\/?$/;

/**
 * The same answer without the router and what it runs for every route, which together would cost a prediction a third of its
 * speed; null when the request is not for it. Calls with a cookie take the long way, where they are checked for their origin.
 */
export async function answerPredictDirectly(
  request: Request,
  env: Env,
  background: Call["background"],
): Promise<Response | null> {
  const [, idOrSlug] = (request.method === "POST" && PREDICT_PATH.exec(request.url)) || [];
  const authorization = request.headers.get("authorization");
  if (idOrSlug === undefined || (authorization === null && request.headers.has("cookie"))) return null;
  try {
    const caller: Caller =
      authorization === null ? { kind: "nobody" } : await bearerCaller(env, background, authorization);
    return await answerPredict({ env, request, background, caller }, idOrSlug);
  } catch (error) {
    await drainBody(request);
    const requestId = crypto.randomUUID();
    const response = problemResponse(refusalFor(error, requestId), requestId);
    const waitUntil = (work: Promise<void>): void => background.waitUntil(work);
    const deployment = await findDeploymentCached({ db: database(env), nowMs: Date.now(), waitUntil }, idOrSlug);
    if (deployment?.access === "public") for (const [name, value] of CORS_HEADERS) response.headers.set(name, value);
    return response;
  }
}

async function answerBody(
  { env, request, background }: Call,
  deployment: DeploymentRow,
  text: string,
): Promise<string> {
  const { rows, isSingle } = readRows(parseJson(text));
  const pathOf = isSingle ? () => "features" : (index: number) => `rows[${index}]`;
  const answers = await predict({ env, background, db: database(env), request }, deployment, rows, pathOf);
  const [first] = answers;
  if (isSingle || !first) return JSON.stringify(first);
  return JSON.stringify({ predictions: answers, version: first.version, model: first.model });
}
