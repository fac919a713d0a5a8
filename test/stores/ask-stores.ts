import { Answer } from "../support/answer.ts";
import { expectStatus } from "../support/deployment.ts";
import { callApi, fetchInstance } from "../support/instance.ts";

/** How the instance of the stores is reached, and what in it is asked for. */
export interface Reached {
  deployment: string;
  token: string;
  key: string;
  run: string;
  /** Of records, by what is special about them. */
  predictions: { archived: string; online: string; batch: string };
}

/** A call with an Idempotency-Key that has been answered. */
export const KEPT_KEY = "order-1";
/** Half an hour after the last thing that was written to the stores, UTC ms: what they keep for some time is still there. */
export const ASKED_AT = Date.UTC(2026, 10, 20, 12, 30);

/** What the stores answer, through the API: the parts that are read from what is stored. */
export async function askStores(reached: Reached): Promise<Record<string, unknown>> {
  const path = `/api/v1/deployments/${reached.deployment}`;
  const read = async (rest: string) => expectStatus(await callApi("GET", rest, undefined, reached.token), 200);
  const record = async (id: string) => (await read(`${path}/predictions/${id}`)).body;
  const span = "from=2026-08-01T00:00:00Z&to=2026-11-21T00:00:00Z&bucket=day";
  const counted = await read(`${path}/monitoring/distributions?feature=amount&${span}`);
  const comparison = await read(`${path}/monitoring/comparison?${span}`);
  const performance = await read(`${path}/monitoring/performance?${span}`);
  return {
    listed: (await read(`${path}/predictions`)).at("items"),
    archived: await record(reached.predictions.archived),
    online: await record(reached.predictions.online),
    batch: await record(reached.predictions.batch),
    rowsCounted: counted.at("current"),
    challenger: comparison.at("challenger"),
    labelled: performance.at("labelled"),
    keptAnswer: (await predictWithKey(reached, KEPT_KEY)).body,
    alerts: (await read(`${path}/alerts`)).each("kind"),
    runState: (await read(`/api/v1/runs/${reached.run}`)).at("state"),
  };
}

/** Predicts one row under an Idempotency-Key. */
export async function predictWithKey({ deployment, key }: Reached, idempotencyKey: string): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${key}`,
    "content-type": "application/json",
    "idempotency-key": idempotencyKey,
  };
  const body = JSON.stringify({ features: { amount: 3, plan: "basic" } });
  const init = { method: "POST", headers, body };
  return Answer.of(await fetchInstance(`/api/v1/deployments/${deployment}/predict`, init));
}
