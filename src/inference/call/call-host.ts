import { LIMITS } from "../../config.ts";
import { type HostName, hostName } from "../../deployments/host-name.ts";
import { hostStub } from "../../deployments/reach-host.ts";
import { AppError } from "../../errors.ts";
import { decodeAnswers, type HostAnswer } from "../spec/host-answer.ts";
import { packCalls, type PackedCalls, type PackedRows } from "../spec/packed-rows.ts";
import { WaitingCalls } from "../spec/waiting-calls.ts";

/** What a request needs to call a host. `background` keeps a hop alive for the others in it when the client of this request goes away. */
export interface HostCaller {
  env: Env;
  background: Pick<ExecutionContext, "waitUntil">;
}

interface HostCall {
  rows: PackedRows;
  startedAt: number;
  resolve: (answer: HostAnswer) => void;
  reject: (error: unknown) => void;
}

/** The calls of this isolate to one host. */
interface Lane {
  waiting: WaitingCalls<HostCall>;
  underWay: number;
  /** Until when, UTC ms, a request gathers for all; 0: none does. It may be cut off before it sends, and then another one takes over. */
  gathersUntil: number;
}

/** Longer than any gathering takes. */
const GATHERING_MS_MAX = 1_000;
/** A call gives up after this long; loading a large model takes a few seconds. */
const ANSWER_MS_MAX = 60_000;
/** Hosts whose callers are remembered. One that is forgotten while nobody waits loses nothing but an expectation. */
const LANES_MAX = 1_000;

const lanes = new Map<string, Lane>();
/** Only where the runtime takes an answer that came to one request to another one; elsewhere each call goes by itself. */
const SHARES_HOPS = Cloudflare.compatibilityFlags["handle_cross_request_promise_resolution"] === true;

/**
 * Has a host answer the rows of a call. A hop costs as much as the rest of a prediction, so requests that are here at once
 * share one (docs/decisions/0005-one-hop-for-many-calls.md). Throws AppError 503 when the host does not answer.
 */
export function callHost({ env, background }: HostCaller, host: HostName, rows: PackedRows): Promise<HostAnswer> {
  const lane = laneOf(hostName(host));
  // Not `new Promise`: what the optimizer makes of that does not know its request any more, and would go on within another one.
  const { promise, resolve, reject } = Promise.withResolvers<HostAnswer>();
  // The runtime cancels a request that waits for nothing of its own, as hung. This timer is its own; it ends with the request.
  setTimeout(() => reject(noAnswer()), ANSWER_MS_MAX);
  lane.waiting.push({ rows, startedAt: Date.now(), resolve, reject });
  if (lane.gathersUntil < Date.now()) background.waitUntil(sendWaiting(env, host, lane));
  return promise;
}

function laneOf(name: string): Lane {
  const present = lanes.get(name);
  if (present && SHARES_HOPS) return present;
  if (lanes.size >= LANES_MAX) for (const [other, { waiting }] of lanes) if (waiting.count === 0) lanes.delete(other);
  const lane = { waiting: new WaitingCalls(() => scheduler.wait(0), shareOf), underWay: 0, gathersUntil: 0 };
  lanes.set(name, lane);
  return lane;
}

/** Calls that go together have no more rows, and about as much text, as one call may have. */
function shareOf({ rows: { count, numbers, texts } }: HostCall): number {
  let bytes = numbers.byteLength;
  for (const text of texts) bytes += text?.length ?? 0;
  return Math.max(count / LIMITS.rowsPerCallMax, bytes / LIMITS.jsonBytesMax);
}

/** Never throws: each call is told what became of it. */
async function sendWaiting(env: Env, host: HostName, lane: Lane): Promise<void> {
  lane.gathersUntil = Date.now() + GATHERING_MS_MAX;
  await lane.waiting.gather();
  lane.gathersUntil = 0;
  const hops: Promise<void>[] = [];
  while (lane.waiting.count > 0) hops.push(sendTogether(env, host, lane));
  await Promise.all(hops);
}

async function sendTogether(env: Env, host: HostName, lane: Lane): Promise<void> {
  const calls = lane.waiting.take();
  lane.underWay += calls.length;
  try {
    const answers = await hop(env, host, packCalls(calls));
    calls.forEach(({ resolve, reject }, index) => {
      const answer = answers[index];
      if (answer) resolve(answer);
      else reject(noAnswer());
    });
  } catch (error) {
    for (const { reject } of calls) reject(error);
  }
  lane.waiting.noteAtHand(lane.underWay + lane.waiting.count);
  lane.underWay -= calls.length;
}

/** A hop that failed before it reached the object may be made once more, on a new stub; any other failure is the answer. */
async function hop(env: Env, host: HostName, calls: PackedCalls): Promise<HostAnswer[]> {
  try {
    return await hopOnce(env, host, calls);
  } catch (error) {
    if (!isRetryable(error)) throw hostFailure(error);
  }
  try {
    return await hopOnce(env, host, calls);
  } catch (error) {
    throw hostFailure(error);
  }
}

async function hopOnce(env: Env, host: HostName, { heads, numbers }: PackedCalls): Promise<HostAnswer[]> {
  return decodeAnswers(await hostStub(env, host).predict(heads, numbers));
}

function isRetryable(error: unknown): boolean {
  return (
    error instanceof Error &&
    "retryable" in error &&
    error.retryable === true &&
    !("overloaded" in error && error.overloaded === true)
  );
}

function hostFailure(error: unknown): AppError {
  console.error("a host did not answer", error);
  return noAnswer();
}

function noAnswer(): AppError {
  return new AppError("not_running", "The deployment did not answer. Try again in a moment.", {
    retryAfterSeconds: 1,
  });
}
