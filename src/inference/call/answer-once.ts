import { LIMITS } from "../../config.ts";
import { ledgerStub } from "../../deployments/reach-host.ts";
import { AppError } from "../../errors.ts";
import { sha256Hex } from "../../lib/hash.ts";
import type { IdempotencyLedger } from "../host/idempotency-ledger.ts";

const WAIT_MS = 100;
const WAITS_MAX = 100;

/**
 * Gives the same answer for the same key and body within 24 h, and predicts once. `answer` makes the JSON text; a refusal
 * that it throws leaves the key free. 409 when the key came with another body, or when the first call is still not answered after 10 s.
 */
export async function answerOnce(
  env: Env,
  deploymentId: string,
  key: string,
  requestBody: string,
  answer: () => Promise<string>,
): Promise<string> {
  if (key.length === 0 || key.length > LIMITS.idempotencyKeyLengthMax) {
    throw new AppError("invalid_input", `Idempotency-Key must have 1 to ${LIMITS.idempotencyKeyLengthMax} characters.`);
  }
  const ledger = ledgerStub(env, deploymentId, Number.parseInt((await sha256Hex(key)).slice(0, 4), 16));
  const bodyHash = await sha256Hex(requestBody);
  for (let waits = 0; waits < WAITS_MAX; waits += 1) {
    const claim = await ledger.claim(key, bodyHash, Date.now());
    if (claim.state === "settled") return claim.body;
    if (claim.state === "other_body") {
      throw new AppError("conflict", "This Idempotency-Key was used for another body. Use a new key for a new call.");
    }
    if (claim.state === "begin") return settled(ledger, key, answer);
    await scheduler.wait(WAIT_MS);
  }
  throw new AppError(
    "conflict",
    "The first call with this Idempotency-Key is still being answered. Try again in a moment.",
  );
}

async function settled(
  ledger: DurableObjectStub<IdempotencyLedger>,
  key: string,
  answer: () => Promise<string>,
): Promise<string> {
  let body: string;
  try {
    body = await answer();
  } catch (error) {
    await ledger.release(key);
    throw error;
  }
  await ledger.settle(key, body, Date.now());
  return body;
}
