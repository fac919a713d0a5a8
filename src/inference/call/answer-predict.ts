import type { Caller } from "../../access/caller.ts";
import { bearerCaller } from "../../access/authenticate.ts";
import { LIMITS } from "../../config.ts";
import { database } from "../../db.ts";
import { type DeploymentRow, requireDeploymentCached } from "../../deployments/find-deployment.ts";
import { invalid } from "../../errors.ts";
import { parseJson, problemResponse, readJsonText, refusalFor } from "../../http.ts";
import { answerOnce } from "./answer-once.ts";
import type { SentRow } from "../spec/coerce-rows.ts";
import { predict } from "./predict.ts";

/** A call as it reached the Worker, and who makes it. */
export interface Call {
  env: Env;
  request: Request;
  background: Pick<ExecutionContext, "waitUntil">;
  caller: Caller;
}

const ANSWER_HEADERS = new Headers({ "content-type": "application/json", "x-content-type-options": "nosniff" });

/** POST /api/v1/deployments/{d}/predict, for a caller who is known. The body is read by hand: it comes thousands of times a second. */
export async function answerPredict(call: Call, idOrSlug: string): Promise<Response> {
  const { env, request } = call;
  // The right comes before the body: who may not call learns nothing about what a body should be.
  const deployment = await callableDeployment(call, idOrSlug);
  const text = await readJsonText(request);
  const key = request.headers.get("idempotency-key");
  const answer = (): Promise<string> => answerBody(call, deployment, text);
  const body = key === null ? await answer() : await answerOnce(env, deployment.id, key, text, answer);
  return new Response(body, { headers: ANSWER_HEADERS });
}

/** The deployment, for a caller who may predict with it; from memory up to 4 s old. */
export function callableDeployment({ env, background, caller }: Call, idOrSlug: string): Promise<DeploymentRow> {
  const waitUntil = (work: Promise<void>): void => background.waitUntil(work);
  return requireDeploymentCached({ db: database(env), caller, nowMs: Date.now(), waitUntil }, idOrSlug, "predict");
}

const PREDICT_PATH = /^https?:\/\/[^/]+\/api\/v1\/deployments\/([\w-]+)\/predict$/;

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
    const requestId = crypto.randomUUID();
    return problemResponse(refusalFor(error, requestId), requestId);
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

function readRows(body: unknown): { rows: readonly SentRow[]; isSingle: boolean } {
  if (isRow(body)) {
    const { features, rows } = body;
    if (rows === undefined && isRow(features)) return { rows: [features], isSingle: true };
    if (features === undefined && Array.isArray(rows)) return { rows: checkedRows(rows), isSingle: false };
  }
  const message = 'Send {"features": {"<name>": value, …}} for one row, or {"rows": [{…}, …]} for several.';
  throw invalid("features", message);
}

function checkedRows(rows: unknown[]): SentRow[] {
  if (rows.length === 0) throw invalid("rows", "rows is empty. Send at least one row.");
  if (rows.length > LIMITS.rowsPerCallMax) {
    throw invalid(
      "rows",
      `A call may have at most ${LIMITS.rowsPerCallMax} rows. This one has ${rows.length}. Send several calls.`,
    );
  }
  const wrong = rows.findIndex((candidate) => !isRow(candidate));
  if (wrong >= 0) throw invalid(`rows[${wrong}]`, `rows[${wrong}] is not an object of feature names and values.`);
  return rows.filter((candidate) => isRow(candidate));
}

function isRow(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
