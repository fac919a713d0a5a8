import { beforeAll, describe, expect, it } from "vitest";
import { type VerdictWords, verdictWords } from "../../src/pages/monitoring/performance/view.ts";
import type { Verdict } from "../../src/monitoring/performance/verdict.ts";
import { Browser } from "../support/browser.ts";
import { deployModel, eventually, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, startInstance } from "../support/instance.ts";
import type { PagePart } from "../support/page-dom.ts";
import { tableModel, thresholdModel, timesModel } from "../support/models.ts";

/** Main doubles, and the truth is three times the amount. */
const AMOUNTS = ["amount,price", ...Array.from({ length: 200 }, (_, row) => `${row % 4},${3 * (row % 4)}`)].join("\n");
/** The truth is 1 from 20 on. */
const LABELS = ["amount,paid", ...Array.from({ length: 40 }, (_, row) => `${row},${row < 20 ? 0 : 1}`)].join("\n");

beforeAll(startInstance);

/** The challenger says 0, 3, 6, 9: it is right throughout. */
function deployNumbers(challenger = true): Promise<TestDeployment> {
  return deployModel({
    csv: AMOUNTS,
    target: "price",
    model: timesModel(2),
    ...(challenger && { challenger: { model: tableModel([0, 3, 6, 9]) } }),
  });
}

/** Main is right from 20 on, the challenger early: both are sure at 75 %. */
function deployClasses(): Promise<TestDeployment> {
  return deployModel({
    csv: LABELS,
    task: "binary_classification",
    target: "paid",
    model: thresholdModel(19.5),
    challenger: { model: thresholdModel(9.5) },
  });
}

/** Predicts the amounts and sends what came true, then waits until the challenger has answered all of them. */
async function label(pair: TestDeployment, amounts: number[], truth: (amount: number) => unknown): Promise<void> {
  const answer = await predictRows(
    pair,
    amounts.map((amount) => ({ amount })),
  );
  const items = amounts.map((amount, index) => ({
    prediction_id: answer.text(`predictions.${index}.prediction_id`),
    actual: truth(amount),
  }));
  expect((await callApi("POST", `${pair.path}/actuals`, { items }, pair.key)).at("accepted")).toBe(amounts.length);
  const report = () => readAs(pair.owner, `${pair.path}/monitoring/performance`);
  await eventually(report, (now) =>
    [null, now.at("labelled")].includes(now.at("answered.challenger") as number | null),
  );
}

async function signedIn(user: { email: string; password: string }): Promise<Browser> {
  const browser = new Browser();
  await browser.signIn(user);
  return browser;
}

async function pageOf(pair: TestDeployment, query = "", browser?: Browser): Promise<PagePart> {
  const by = browser ?? (await signedIn(pair.owner));
  return by.page(`/deployments/${pair.slug}/monitoring/performance${query}`);
}

const amounts = (count: number) => Array.from({ length: count }, (_, index) => index % 4);

describe("the page of performance", () => {
  it("says without labels that nothing is known, and how to send them to this deployment", async () => {
    const pair = await deployNumbers();
    await predictRows(pair, [{ amount: 1 }]);
    const page = (await pageOf(pair)).text;
    expect(page).toContain("Not known yet: no actuals in this time");
    expect(page).toContain("1 row was predicted by main with challenger as challenger");
    expect(page).toContain(`curl -X POST 'http://tiltyard.test/api/v1/deployments/${pair.slug}/actuals'`);
    expect(page).toContain('{"items":[{"prediction_id":"PREDICTION_ID","actual":12.5}]}');
    expect(page).not.toContain("Challenger is better");
  });

  it("says that the challenger is better, by how much and on how many rows, and promotes it with one click", async () => {
    const pair = await deployNumbers();
    await label(pair, amounts(60), (amount) => 3 * amount);
    const browser = await signedIn(pair.owner);
    const page = await pageOf(pair, "", browser);
    // Main is off by 0, 1, 2, 3 alike: the mean square is 3.5, that of the challenger 0.
    expect(page.byRole("region", "Verdict").text).toMatch(
      /The challenger is better: its mean squared error is lower by 3\.5 \(95 % valid at any moment: [\d.]+ to [\d.]+\) on 60 labelled rows\./,
    );
    const promote = `/deployments/${pair.slug}/versions/promote`;
    expect(page.form(promote).attribute("method")).toBe("post");
    expect(page.links).toContain(promote);
    expect((await browser.post(promote, {})).status).toBe(303);
    expect((await readAs(pair.owner, pair.path)).at("main.model_id")).toBe(pair.challengerId);
    expect((await pageOf(pair, "", browser)).text).toContain(
      "The challenger is worse: its mean squared error is higher by 3.5",
    );
  });

  it("shows the metrics of both side by side, each with its interval, and one of them over time", async () => {
    const pair = await deployNumbers();
    await label(pair, amounts(40), (amount) => 3 * amount + 0.5 * (amount % 2));
    const page = await pageOf(pair, "?metric=mae");
    // Main is off by 0, 1.5, 2, 3.5 alike; the challenger by 0, 0.5, 0, 0.5.
    expect(page.text).toMatch(
      /MAE Mean absolute error, in units of the target\. Lower is better\. 1\.75 [\d.]+ to [\d.]+ 0\.25 [\d.]+ to [\d.]+ Challenger/,
    );
    const data = JSON.parse(page.css("#metric-over-time > script").source);
    const series = data.series as { label: string; values: (number | null)[] }[];
    expect(series.map(({ label: name, values }) => [name, values.findLast((value) => value !== null)])).toEqual([
      ["Main", 1.75],
      ["Challenger", 0.25],
    ]);
    expect(page.text).toContain("Over 40 labelled rows");
  });

  it("takes a metric that there is not for the first one", async () => {
    const pair = await deployNumbers();
    await label(pair, amounts(12), (amount) => amount);
    expect((await pageOf(pair, "?metric=%3Cscript%3E")).css("#metric-over-time-title").text).toBe("RMSE");
  });

  it("of a few labels decides nothing, and promotes nobody at once", async () => {
    const pair = await deployNumbers();
    await label(pair, amounts(12), (amount) => 3 * amount);
    const page = await pageOf(pair);
    expect(page.text).toContain(
      "Not known yet: 12 labelled rows have an answer of both models. A verdict needs at least 30.",
    );
    expect(page.actions).not.toContainEqual(expect.stringMatching(/^\/deployments.*\/promote$/));
    expect(page.links).toContain(`/deployments/${pair.slug}/versions/promote`);
  });

  it("without a challenger shows the metrics of main, and no verdict", async () => {
    const pair = await deployNumbers(false);
    await label(pair, amounts(12), (amount) => 3 * amount);
    const page = (await pageOf(pair)).text;
    expect(page).toContain("Without a challenger, no verdict");
    expect(page).not.toContain("Challenger");
  });

  it("shows of classifiers how sure they are, which classes they confuse, and what to expect before labels", async () => {
    const pair = await deployClasses();
    await label(
      pair,
      Array.from({ length: 40 }, (_, amount) => amount),
      (amount) => (amount < 20 ? 0 : 1),
    );
    const page = await pageOf(pair);
    expect(page.has("table", /^Confusion matrix of main/)).toBe(true);
    expect(page.has("table", /^Confusion matrix of challenger/)).toBe(true);
    // Main gives 25 % to what never comes true, and 75 % to what always does.
    expect(page.has("img", /Main: 25% came true in 0%, 75% came true in 100%\./)).toBe(true);
    expect(page.has("heading", "Expected before labels")).toBe(true);
    expect(page.text).toContain("Main: Not known: the version of the experiment has no holdout rows.");
  });

  it("gives its series as CSV", async () => {
    const pair = await deployNumbers();
    await label(pair, amounts(40), (amount) => 3 * amount);
    const browser = await signedIn(pair.owner);
    const response = await browser.get(`/deployments/${pair.slug}/monitoring/performance.csv?bucket=hour`);
    expect(response.headers.get("content-type")).toContain("text/csv");
    const [header = "", ...lines] = (await response.text()).trimEnd().split("\r\n");
    expect(header).toMatch(/^at,labelled,answered by main,answered by challenger,rmse of main,mae of main,/);
    const cells = lines.map((line) => line.split(",")).findLast(([, labelled]) => labelled !== "0") ?? [];
    expect(cells.slice(1, 4)).toEqual(["40", "40", "40"]);
    // Off by 0, 1, 2, 3 alike.
    expect(Number(cells[5])).toBeCloseTo(1.5, 12);
  });

  it("offers no promotion to who may only read, and nothing to strangers", async () => {
    const pair = await deployNumbers();
    await label(pair, amounts(60), (amount) => 3 * amount);
    const viewer = await createUser();
    const members = `/api/v1/projects/${pair.project}/members`;
    await callApi("PUT", `${members}/${viewer.id}`, { role: "viewer" }, pair.owner.token);
    const page = await pageOf(pair, "", await signedIn(viewer));
    expect(page.text).toContain("The challenger is better");
    expect([...page.links, ...page.actions]).not.toContainEqual(expect.stringContaining("versions/promote"));
    const stranger = await signedIn(await createUser());
    for (const name of ["performance", "performance.csv"]) {
      expect((await stranger.get(`/deployments/${pair.slug}/monitoring/${name}`)).status).toBe(404);
    }
  });
});

/** With spaces that may break. */
function wordsOf(verdict: Verdict, labelled: number): VerdictWords {
  const { state, sentence, notes } = verdictWords(verdict, labelled);
  const breaking = (text: string) => text.replaceAll("\u00a0", " ");
  return { state, sentence: breaking(sentence), notes: notes.map(breaking) };
}

describe("the verdict in words", () => {
  const undecided: Verdict = {
    state: "undecided",
    metric: "mse",
    difference: 0.4,
    interval: [-0.6, 1.4],
    n: 412,
    rows_needed: 812,
    differing: 412,
    decided_at: null,
  };

  it("says how many more rows would settle what is undecided", () => {
    expect(wordsOf(undecided, 412)).toEqual({
      state: "undecided",
      sentence:
        "Not known yet: the challenger's mean squared error is lower by 0.4 (95 % valid at any moment: −0.6 to 1.4) on 412 labelled rows, which may be chance. About 810 more labelled rows would settle it at the current difference.",
      notes: [],
    });
  });

  it("turns the interval round for a challenger that is worse, and speaks of labels in percentage points", () => {
    const worse: Verdict = {
      ...undecided,
      state: "challenger_worse",
      metric: "error_rate",
      difference: -0.032,
      interval: [-0.053, -0.011],
      rows_needed: null,
      decided_at: 120,
    };
    expect(wordsOf(worse, 500)).toEqual({
      state: "challenger_worse",
      sentence:
        "The challenger is worse: its share of wrong labels is higher by 3.2 percentage points (95 % valid at any moment: 1.1 to 5.3) on 412 labelled rows.",
      notes: ["Of 500 labelled rows, 412 have an answer of both models.", "First settled after 120 rows."],
    });
  });

  it("owns up to a verdict that was withdrawn", () => {
    const { notes } = wordsOf({ ...undecided, decided_at: 90 }, 412);
    expect(notes).toEqual(["A verdict after 90 rows did not hold over all rows, so it was withdrawn."]);
  });

  it("tells models that hardly differ from models that do not at all", () => {
    const none: Verdict = { ...undecided, interval: null, rows_needed: null, difference: 0, differing: 0 };
    expect(wordsOf(none, 412).sentence).toBe(
      "Not known yet: both models have the same mean squared error on each of 412 labelled rows.",
    );
    expect(wordsOf({ ...none, difference: 0.1, differing: 4 }, 412).sentence).toBe(
      "Not known yet: the models differ on 4 of 412 labelled rows. A verdict needs at least 10.",
    );
  });
});
