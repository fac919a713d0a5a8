import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it, vi } from "vitest";
import { database } from "../../src/db.ts";
import { deployments } from "../../src/deployments/schema.ts";
import { experimentVersions } from "../../src/experiments/schema.ts";
import { DAY_MS, HOUR_MS } from "../../src/lib/time.ts";
import { answersName } from "../../src/windows/answer-counts.ts";
import { encodeCounts } from "../../src/windows/counts.ts";
import { loadAnswerReference, loadFeatureReference } from "../../src/windows/reference.ts";
import { monitoringWindows } from "../../src/windows/schema.ts";
import { browserOf, pageText } from "../experiments/pages-fixtures.ts";
import type { Browser } from "../support/browser.ts";
import { deployModel, type TestDeployment } from "../support/deployment.ts";
import { startInstance } from "../support/instance.ts";
import { parsePage } from "../support/page-dom.ts";
import { sumModel } from "../support/models.ts";

const FEATURES = 30;
const DAYS = 30;
/** From this day on the first five features are moved. */
const DRIFTS_FROM_DAY = 20;

let deployment: TestDeployment;
let browser: Browser;

beforeAll(async () => {
  await startInstance();
  const names = Array.from({ length: FEATURES }, (_, index) => `feature_of_the_model_${index + 1}`);
  // 400 different numbers in each column, in another order.
  const rows = Array.from({ length: 400 }, (_, row) =>
    names.map((_, index) => ((row * (2 * index + 3)) % 401) / 7).join(","),
  );
  deployment = await deployModel({
    csv: [names.join(","), ...rows].join("\n"),
    model: sumModel(FEATURES),
    mapping: { inputs: { x: names } },
  });
  await writeWindows();
  browser = await browserOf(deployment.owner);
});

/** Days and hours as a host would have pushed them: like the reference, and the first features moved upwards in the end. */
async function writeWindows(): Promise<void> {
  const db = database(env);
  const version = await db
    .select()
    .from(experimentVersions)
    .where(eq(experimentVersions.experimentId, deployment.experiment))
    .get();
  const referenceId = version?.id ?? "";
  const columns = await loadFeatureReference(env.STORE, referenceId);
  const answers = (await loadAnswerReference(env.STORE, deployment.mainId))?.column;
  const write = async (span: "hour" | "day", start: number, moved: boolean) => {
    const features = columns.map(({ name, tally }, index) => {
      const bins = tally.slice(8);
      const step = moved && index < 5 ? 9 : 0;
      return [
        name,
        Float64Array.from([...tally.slice(0, 8), ...bins.map((_, bin) => bins.at(bin - step) ?? 0)]),
      ] as const;
    });
    await db.insert(monitoringWindows).values({
      deploymentId: deployment.id,
      span,
      start,
      version: 1,
      host: "local0",
      source: "online",
      referenceId,
      rows: 400,
      computeMs: 1,
      features: encodeCounts(new Map(features)),
      answers: encodeCounts(new Map(answers ? [[answersName("main", deployment.mainId), answers.tally]] : [])),
      usage: "{}",
      revision: 1,
    });
  };
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  for (let day = 0; day < DAYS; day += 1) await write("day", today - (DAYS - day) * DAY_MS, day >= DRIFTS_FROM_DAY);
  for (let hour = 1; hour < 7 * 24; hour += 1) await write("hour", now - hour * HOUR_MS, false);
  const createdAt = today - DAYS * DAY_MS;
  await db.update(deployments).set({ createdAt }).where(eq(deployments.id, deployment.id));
}

const path = () => `/deployments/${deployment.slug}/monitoring`;

it("of 30 days and 30 features has less than 300 kB of HTML", async () => {
  const page = await pageText(browser, `${path()}?span=30d`);
  expect(parsePage(page).all("tbody svg.sparkline")).toHaveLength(FEATURES + 1);
  expect(page.length).toBeLessThan(300_000);
});

it("takes six queries for what it shows, one of them for the settings", async () => {
  const prepare = vi.spyOn(Object.getPrototypeOf(env.DB), "prepare");
  await browser.get(`${path()}?span=30d`);
  const statements = prepare.mock.calls.map(([sql]) => String(sql));
  prepare.mockRestore();
  // What stands around every page of a deployment ends with the reader's projects.
  const own = statements.slice(statements.findLastIndex((sql) => sql.includes('from "projects"')) + 1);
  expect(own.filter((sql) => sql.includes("monitoring_windows"))).toHaveLength(1);
  expect(own.filter((sql) => sql.includes("monitoring_settings"))).toHaveLength(1);
  expect(own).toHaveLength(6);
});

it("has the features that moved on top, and says on how many days they did", async () => {
  const page = await browser.page(`${path()}?span=30d`);
  const names = page.allByRole("link", /^feature_of_the_model_/).map(({ text }) => text);
  expect(names.slice(0, 5).toSorted()).toEqual([1, 2, 3, 4, 5].map((number) => `feature_of_the_model_${number}`));
  expect(page.text).toContain("5 of 30 features drifted: 12,000 rows compared with");
  expect(page.text).toContain(`Taken alone, ${DAYS - DRIFTS_FROM_DAY} of ${DAYS} days drifted`);
});

it("shows days where hours would be too many, and says so", async () => {
  const page = await browser.page(`${path()}?span=30d&bucket=hour`);
  expect(page.text).toContain("Shown by day: hours are shown for up to 7 days.");
  expect(page.text).toContain("Rows per day");
  expect((await browser.page(`${path()}?span=24h&bucket=hour`)).text).toContain("Rows per hour");
});
