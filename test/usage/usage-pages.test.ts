import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Browser } from "../support/browser.ts";
import {
  deployModel,
  eventually,
  predictOne,
  predictRows,
  readAs,
  type TestDeployment,
} from "../support/deployment.ts";
import { createUser, startInstance } from "../support/instance.ts";
import type { PagePart } from "../support/page-dom.ts";
import { tableModel, timesModel } from "../support/models.ts";

const AMOUNTS = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row}`)].join("\n");
const HOUR_MS = 3_600_000;

let pair: TestDeployment;
let browser: Browser;

beforeAll(startInstance);

beforeEach(async () => {
  pair = await deployModel({
    csv: AMOUNTS,
    target: "price",
    model: timesModel(2),
    // Of an amount beyond the table the challenger has no answer.
    challenger: { model: tableModel([0, 2, 4, 100]) },
  });
  browser = new Browser();
  await browser.signIn(pair.owner);
});

/** Two calls with four rows in all, that the challenger has answered. */
async function callTwice(): Promise<void> {
  await predictOne(pair, { amount: 1 });
  await predictRows(pair, [{ amount: 1 }, { amount: 2 }, { amount: 3 }]);
  const usage = () => readAs(pair.owner, `${pair.path}/usage`);
  await eventually(usage, (answer) => Number(answer.at("total.challenger.rows")) >= 4);
}

const pageWith = (query = "") => browser.page(`/deployments/${pair.slug}/usage${query}`);

/** The newest value of each series of a chart that is not nothing: the hour may turn during a test. */
function lastOf(page: PagePart, id: string): Record<string, number | null | undefined> {
  const { series } = JSON.parse(page.css(`#${id} > script`).source) as {
    series: { label: string; values: (number | null)[] }[];
  };
  return Object.fromEntries(series.map(({ label, values }) => [label, values.findLast((value) => value)]));
}

describe("the Usage section", () => {
  it("of a deployment that nobody has called says what would be here", async () => {
    const page = await pageWith();
    expect(page.text).toContain("No calls in this time");
    expect(page.css('a[href$="/usage"]').attribute("aria-current")).toBe("page");
    expect(page.all(".chart-figure")).toEqual([]);
  });

  it("shows totals, and calls, rows and latency over time, each with how it was measured", async () => {
    await callTwice();
    const page = await pageWith("?bucket=hour");
    expect(page.text).toMatch(/Calls 2 4 rows; the challenger answered 4 rows of 2 calls/);
    expect(lastOf(page, "usage-calls")).toEqual({ Main: 2 });
    expect(lastOf(page, "usage-rows")).toEqual({ Main: 4, Challenger: 4 });
    expect(Object.keys(lastOf(page, "usage-latency"))).toEqual(["Median", "95% below", "99% below"]);
    expect(lastOf(page, "usage-memory")["Main"]).toBeGreaterThan(1_000_000);
    for (const how of [
      "one for each answered call",
      "a figure is accurate within 20 %",
      "WASM memory of the loaded model",
    ]) {
      expect(page.text).toContain(how);
    }
  });

  it("says what is not known as not known, and draws no empty chart of it", async () => {
    await callTwice();
    const page = await pageWith();
    expect(page.text).toContain("CPU Not known in this time. Not known: neither a Tail Worker");
    expect(page.all("#usage-cpu")).toEqual([]);
    expect(page.text).toContain("Errors None in this time.");
    expect(page.text).not.toContain("whole instance");
  });

  it("shows CPU and memory of the whole instance where a runner samples them", async () => {
    await callTwice();
    const start = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    await env.DB.prepare("insert into process_samples (at, cpuMs, rssBytes) values (?, 500, 700000000)")
      .bind(start + 1)
      .run();
    const page = await pageWith("?bucket=hour");
    expect(lastOf(page, "usage-instance-cpu")).toEqual({ Instance: 500 });
    expect(lastOf(page, "usage-instance-memory")).toEqual({ Instance: 700_000_000 });
    await env.DB.prepare("delete from process_samples").run();
  });

  it("keeps the chosen time in its form and its files, without JavaScript", async () => {
    await callTwice();
    const page = await pageWith("?span=24h&bucket=hour");
    const kept = page.all('[type="hidden"][name="span"]').map(({ value }) => value);
    expect(new Set(kept)).toEqual(new Set(["24h"]));
    expect(page.links).toContain(`/deployments/${pair.slug}/usage.csv?span=24h&bucket=hour`);
    expect(page.text).toContain("Numbers as a table");
  });

  it("gives all of it as CSV, with empty cells for what is not known", async () => {
    await callTwice();
    const response = await browser.get(`/deployments/${pair.slug}/usage.csv?bucket=hour`);
    expect(response.headers.get("content-disposition")).toContain(`${pair.slug}-usage.csv`);
    const [header = "", ...lines] = (await response.text()).trimEnd().split("\r\n");
    const names = header.split(",");
    const cells = lines.map((line) => line.split(",")).findLast(([, calls]) => calls !== "0") ?? [];
    const cell = (name: string) => cells[names.indexOf(name)];
    expect([cell("calls of main"), cell("rows of main"), cell("rows of challenger")]).toEqual(["2", "4", "4"]);
    expect(cell("cpu_ms of main")).toBe("");
    expect(cell("calls of challenger")).toBe("2");
  });

  it("is for those who may read the project", async () => {
    const stranger = new Browser();
    await stranger.signIn(await createUser());
    for (const name of ["usage", "usage.csv"]) {
      expect((await stranger.get(`/deployments/${pair.slug}/${name}`)).status).toBe(404);
    }
  });
});
