import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { runCron } from "../../src/cron.ts";
import { seededRandom } from "../../src/lib/seeded-random.ts";
import { deployModel, eventually, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import { startInstance } from "../support/instance.ts";
import { tableModel, timesModel } from "../support/models.ts";
import { rounds } from "../support/thorough.ts";

const AMOUNTS = ["amount,price", ...Array.from({ length: 200 }, (_, row) => `${row % 4},${row % 4}`)].join("\n");
const ROWS = rounds(20_000, 3_000);
const HOUR_MS = 3_600_000;

let pair: TestDeployment;

beforeAll(async () => {
  await startInstance();
  pair = await deployModel({
    csv: AMOUNTS,
    target: "price",
    model: timesModel(2),
    challenger: { model: tableModel([0, 2, 4, 100]) },
  });
});

/** What may go wrong between two calls; most of the time nothing does. */
const FAULTS: (() => Promise<unknown>)[] = [
  () => evictDurableObject(hostOf(pair)),
  () => runDurableObjectAlarm(hostOf(pair)),
  async () => {
    await runDurableObjectAlarm(hostOf(pair));
    await runDurableObjectAlarm(hostOf(pair));
  },
  // The clock of the trigger jumps: what would be overdue in three hours is swept up now, and again.
  () => runCron(env, Date.now() + 3 * HOUR_MS),
  () => Promise.all([runCron(env, Date.now()), runCron(env, Date.now())]),
  () => hostOf(pair).settle(),
];

it(`${ROWS} predictions are counted once each, with evictions, and alarms and ticks that are repeated or do not come`, async () => {
  const random = seededRandom(7);
  const sent = [0, 0, 0, 0];
  for (let rows = 0; rows < ROWS;) {
    const count = Math.min(1 + Math.floor(random() * 400), ROWS - rows);
    const amounts = Array.from({ length: count }, () => Math.floor(random() * 4));
    await predictRows(
      pair,
      amounts.map((amount) => ({ amount })),
    );
    for (const amount of amounts) sent[amount] = (sent[amount] ?? 0) + 1;
    rows += count;
    if (random() < 0.5) await FAULTS[Math.floor(random() * FAULTS.length)]?.();
  }
  const path = `${pair.path}/monitoring`;
  const comparison = await eventually(
    () => readAs(pair.owner, `${path}/comparison?limit=1`),
    (answer) => answer.at("challenger.pending") === 0,
    30_000,
  );
  expect(comparison.at("challenger")).toEqual({ ok: ROWS, errors: 0, skipped: 0, pending: 0 });
  for (const bucket of ["hour", "day"]) {
    const counted = await readAs(pair.owner, `${path}/distributions?feature=amount&bucket=${bucket}`);
    expect(counted.at("current")).toEqual(sent);
    const drift = await readAs(pair.owner, `${path}/drift?bucket=${bucket}`);
    expect(drift.at("window.rows")).toBe(ROWS);
  }
  await hostOf(pair).settle();
  const stored = await env.DB.prepare(
    "select span, sum(rows) as rows from monitoring_windows where deploymentId = ? group by span order by span",
  )
    .bind(pair.id)
    .all();
  expect(stored.results).toEqual([
    { span: "day", rows: ROWS },
    { span: "hour", rows: ROWS },
  ]);
}, 120_000);
