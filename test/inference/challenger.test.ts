import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "../support/answer.ts";
import {
  deployModel,
  eventually,
  type NewDeployment,
  predictOne,
  predictRows,
  readAs,
  type TestDeployment,
} from "../support/deployment.ts";
import { Browser } from "../support/browser.ts";
import { hostOf } from "../support/host.ts";
import { callApi, startInstance } from "../support/instance.ts";
import {
  comparingModel,
  echoModel,
  sumModel,
  tableModel,
  thresholdModel,
  timesModel,
  wideModel,
} from "../support/models.ts";

const AMOUNTS = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row}`)].join("\n");
const WITH_HIDDEN = [
  "amount,hidden,price",
  ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row * 100},${row}`),
].join("\n");

beforeAll(async () => {
  await startInstance();
});

/** What the records say of the challenger, newest first, once nothing is pending. */
function settled(deployment: TestDeployment, query = ""): Promise<Answer> {
  return eventually(
    () => readAs(deployment.owner, `${deployment.path}/predictions${query}`),
    (answer) => answer.each("challenger.state").every((state) => state !== "pending"),
  );
}

describe("columns that only the challenger reads", () => {
  let hidden: TestDeployment;
  let strict: TestDeployment;

  beforeAll(async () => {
    const wanted: NewDeployment = {
      csv: AMOUNTS,
      target: "price",
      model: timesModel(2),
      challenger: { model: sumModel(2), csv: WITH_HIDDEN, mapping: { inputs: { x: ["amount", "hidden"] } } },
    };
    hidden = await deployModel(wanted);
    strict = await deployModel({ ...wanted, type_policy: "strict" });
  });

  it("are accepted without a word, recorded, and answered by the challenger", async () => {
    for (const deployment of [hidden, strict]) {
      const answer = await predictOne(deployment, { amount: 1, hidden: "41" });
      expect(answer.body).toMatchObject({ prediction: 2, warnings: [] });
      const records = await settled(deployment);
      expect(records.at("items.0.features")).toEqual({ amount: 1, hidden: 41 });
      expect(records.at("items.0.challenger")).toMatchObject({ state: "ok", prediction: 42 });
    }
  });

  it("are missed by the challenger alone when they are missing or make no sense", async () => {
    for (const row of [
      { amount: 2 },
      { amount: 2, hidden: null },
      { amount: 2, hidden: "much" },
      { amount: 2, hidden: "x".repeat(70_000) },
    ]) {
      for (const deployment of [hidden, strict]) {
        const answer = await predictOne(deployment, row);
        expect([answer.status, answer.at("prediction"), answer.at("warnings")]).toEqual([200, 4, []]);
        const records = await settled(deployment);
        expect(records.at("items.0.challenger")).toEqual({
          state: "skipped",
          reason: "missing_features",
          prediction: null,
          probabilities: null,
        });
        expect(records.at("items.0.features")).toEqual({ amount: 2, hidden: null });
      }
    }
  });

  it("are told who deploys and who compares, and listed as optional where callers look", async () => {
    const { owner, slug, path } = hidden;
    expect((await readAs(owner, path)).at("challenger.extra_features")).toEqual(["hidden"]);
    const comparison = await eventually(
      () => readAs(owner, `${path}/monitoring/comparison`),
      (answer) => answer.at("skipped.missing_features") === 4,
    );
    expect([comparison.at("skipped"), comparison.at("extra_features"), comparison.at("challenger.ok")]).toEqual([
      { missing_features: 4, too_slow: 0, suspended: 0 },
      ["hidden"],
      1,
    ]);
    const document = await callApi("GET", `/docs/${slug}/openapi.json`, undefined, hidden.key);
    const features = document.at("components.schemas.Features") as { properties: object; required: string[] };
    expect([Object.keys(features.properties), features.required.includes("hidden")]).toEqual([
      ["amount", "hidden"],
      false,
    ]);
    const browser = new Browser();
    await browser.signIn(owner);
    const pageAt = async (address: string): Promise<string> => (await browser.get(address)).text();
    expect(await pageAt(`/deployments/${slug}`)).toContain("The challenger also needs hidden");
    expect(await pageAt(`/deployments/${slug}/monitoring/comparison`)).toContain(
      "4 of 5 rows skipped: hidden was not sent",
    );
    const form = await pageAt(`/f/${slug}`);
    expect([form.includes('name="hidden"'), form.includes("challenger")]).toEqual([true, false]);
    const docs = await pageAt(`/docs/${slug}`);
    expect([docs.includes("it does not change the answer"), docs.includes("challenger")]).toEqual([true, false]);
  });

  it("are in no answer and not among the inputs, and neither is the challenger", async () => {
    const inputs = await callApi("GET", `${hidden.path}/inputs`, undefined, hidden.key);
    expect(inputs.each("name")).toEqual(["amount"]);
    const answers = [
      inputs,
      await callApi("GET", `${hidden.path}/about`, undefined, hidden.key),
      await callApi("GET", `${hidden.path}/outputs`, undefined, hidden.key),
      await predictOne(hidden, { amount: 1, hidden: 1 }),
      await predictOne(hidden, { amount: 1 }),
      await predictRows(hidden, [{ amount: 1 }, { amount: 2, hidden: 3 }]),
      await predictOne(strict, { hidden: 1 }),
    ];
    for (const answer of answers) {
      const text = JSON.stringify(answer.body);
      expect(text).not.toContain("challenger");
      expect(text).not.toContain("hidden");
      expect(text).not.toContain(hidden.challengerId);
    }
  });
});

describe("a challenger", { timeout: 20_000 }, () => {
  it("answers each row of a call for itself: ok, error, and never in the caller's way", async () => {
    const labels = ["amount,sold", ...Array.from({ length: 40 }, (_, row) => `${row},${row < 20 ? "no" : "yes"}`)].join(
      "\n",
    );
    const classNames = { class_names: ["no", "yes"] };
    const deployment = await deployModel({
      csv: labels,
      task: "binary_classification",
      target: "sold",
      model: thresholdModel(20),
      mapping: classNames,
      challenger: { model: thresholdModel(10), mapping: classNames },
    });
    const answer = await predictRows(deployment, [{ amount: 5 }, { amount: 15 }]);
    expect([answer.at("predictions.0.prediction"), answer.at("predictions.1.prediction")]).toEqual(["no", "no"]);
    const records = await settled(deployment);
    expect(records.at("items.0.challenger")).toEqual({
      state: "ok",
      reason: null,
      prediction: "yes",
      probabilities: { no: 0.25, yes: 0.75 },
    });
    expect(records.at("items.1.challenger")).toEqual({
      state: "ok",
      reason: null,
      prediction: "no",
      probabilities: { no: 0.75, yes: 0.25 },
    });
  });

  it("skips a row whose values its own tensors cannot hold, instead of changing them", async () => {
    const csv = ["lead,level", ...Array.from({ length: 40 }, (_, row) => `${row},${row % 20}`)].join("\n");
    const deployment = await deployModel({
      csv,
      model: echoModel({ level: "float32" }),
      challenger: { model: echoModel({ level: "uint8" }) },
    });
    await predictRows(
      deployment,
      [300, 1.5, -1, 255].map((level) => ({ lead: 1, level })),
    );
    const records = await settled(deployment);
    expect(records.each("challenger.state")).toEqual(["ok", "skipped", "skipped", "skipped"]);
    expect((await readAs(deployment.owner, deployment.path)).at("challenger.suspended")).toBeNull();
  });

  it("and main get a boolean each as its own tensors were trained on it: as text, or as true and false", async () => {
    const csv = ["lead,paid", ...Array.from({ length: 40 }, (_, row) => `${row},${row % 2 ? "True" : "False"}`)].join(
      "\n",
    );
    for (const [main, rival] of [
      ["string", "bool"],
      ["bool", "string"],
    ] as const) {
      const deployment = await deployModel({
        csv,
        model: echoModel({ paid: main }),
        challenger: { model: comparingModel(rival) },
      });
      const answer = await predictRows(deployment, [
        { lead: 1, paid: true },
        { lead: 1, paid: "false" },
      ]);
      const expected = main === "string" ? ["True", "False"] : [true, false];
      expect([answer.at("predictions.0.extra.echo_paid"), answer.at("predictions.1.extra.echo_paid")]).toEqual(
        expected,
      );
      const records = await settled(deployment);
      expect(records.each("challenger.state")).toEqual(["ok", "ok"]);
      expect(records.each("challenger.prediction")).toEqual([0, 1]);
      expect(records.each("features.paid").map((paid) => String(paid).toLowerCase())).toEqual(["false", "true"]);
    }
  });

  it("that fails is an error of the record with its reason, and after five failures in a row it is suspended while main answers on", async () => {
    const deployment = await deployModel({
      csv: AMOUNTS,
      target: "price",
      model: timesModel(2),
      challenger: { model: tableModel([0, 2, 4, 6]) },
    });
    // A success in between sets the count back, so the first four failures do not count towards the five.
    for (const amount of [50, 50, 50, 50, 1, 50, 50, 50, 50]) {
      expect((await predictOne(deployment, { amount })).at("prediction")).toBe(amount * 2);
      const records = await settled(deployment, "?limit=1");
      expect(records.at("items.0.challenger.state")).toBe(amount === 1 ? "ok" : "error");
      if (amount !== 1) expect(records.text("items.0.challenger.reason")).toContain("Gather");
    }
    expect((await readAs(deployment.owner, deployment.path)).at("challenger.suspended")).toBeNull();
    await predictOne(deployment, { amount: 50 });
    await settled(deployment);
    const suspended = await eventually(
      () => readAs(deployment.owner, deployment.path),
      (answer) => answer.at("challenger.suspended") !== null,
    );
    expect(suspended.at("challenger.suspended")).toEqual({
      since: expect.stringMatching(/Z$/),
      reason: expect.stringContaining("Gather"),
    });
    expect(suspended.at("running")).toBe(true);
    expect((await predictOne(deployment, { amount: 3 })).at("prediction")).toBe(6);
    const records = await settled(deployment, "?limit=1");
    expect(records.at("items.0.challenger")).toMatchObject({ state: "skipped", reason: "suspended" });
    await evictDurableObject(hostOf(deployment));
    await predictOne(deployment, { amount: 3 });
    expect((await settled(deployment, "?limit=1")).at("items.0.challenger.reason")).toBe("suspended");
  });

  it("answers the rows beside one that it does not take, of one call and of concurrent ones, and is not suspended over it", async () => {
    const deployment = await deployModel({
      csv: AMOUNTS,
      target: "price",
      model: timesModel(2),
      challenger: { model: tableModel([0, 2, 4, 6]) },
    });
    const amountAt = (row: number, bad: number): number => (row === bad ? 50 : row % 4);
    for (let burst = 0; burst < 6; burst += 1)
      await Promise.all(Array.from({ length: 40 }, (_, row) => predictOne(deployment, { amount: amountAt(row, 7) })));
    await predictRows(
      deployment,
      Array.from({ length: 100 }, (_, row) => ({ amount: amountAt(row, 99) })),
    );
    const records = await settled(deployment, "?limit=500");
    const states = records.each("challenger.state");
    const bad = records.each("features.amount").map((amount) => amount === 50);
    expect(states).toEqual(bad.map((isBad) => (isBad ? "error" : "ok")));
    expect(states.filter((state) => state === "error")).toHaveLength(7);
    expect((await readAs(deployment.owner, deployment.path)).at("challenger.suspended")).toBeNull();
  });

  it("whose answers are too large to be recorded is an error of those rows, and is asked again for the next ones", async () => {
    const deployment = await deployModel({
      csv: AMOUNTS,
      target: "price",
      model: timesModel(2),
      challenger: { model: wideModel(400) },
    });
    const answer = await predictRows(
      deployment,
      Array.from({ length: 1_000 }, (_, row) => ({ amount: row + 1 / 3 })),
    );
    expect(answer.status).toBe(200);
    const records = await settled(deployment, "?limit=2");
    expect(records.at("items.0.challenger")).toMatchObject({
      state: "error",
      reason: expect.stringContaining("larger"),
    });
    await predictOne(deployment, { amount: 1 });
    expect((await settled(deployment, "?limit=1")).at("items.0.challenger.state")).toBe("ok");
  });

  it("that was running when its host stopped is asked once more, and suspended when that stops the host as well", async () => {
    const deployment = await deployModel({
      csv: AMOUNTS,
      target: "price",
      model: timesModel(2),
      challenger: { model: tableModel([0, 2, 4, 6]) },
    });
    const id = (await predictOne(deployment, { amount: 1 })).text("prediction_id");
    const challengerOf = async (): Promise<unknown> =>
      (await readAs(deployment.owner, `${deployment.path}/predictions/${id}`)).at("challenger");
    await settled(deployment);
    await dieInAttempt(deployment, 1);
    expect(await challengerOf()).toMatchObject({ state: "pending" });
    await runDurableObjectAlarm(hostOf(deployment));
    expect(await challengerOf()).toMatchObject({ state: "ok", prediction: 2 });
    expect((await readAs(deployment.owner, deployment.path)).at("challenger.suspended")).toBeNull();

    await dieInAttempt(deployment, 2);
    expect(await challengerOf()).toMatchObject({ state: "error", reason: "the host stopped while the challenger ran" });
    expect((await predictOne(deployment, { amount: 3 })).at("prediction")).toBe(6);
    expect((await settled(deployment, "?limit=1")).at("items.0.challenger.reason")).toBe("suspended");
    const page = await eventually(
      () => readAs(deployment.owner, deployment.path),
      (answer) => answer.at("challenger.suspended") !== null,
    );
    expect(page.text("challenger.suspended.reason")).toContain("stopped the host");
  });
});

/** Leaves the storage as the host's death in the middle of the last attempt does: it is marked, and has no end. */
async function dieInAttempt(deployment: TestDeployment, attempts: number): Promise<void> {
  await runInDurableObject(hostOf(deployment), (_, state) => {
    state.storage.sql.exec("update challenger_outputs set state = 'attempt', body = null, attempts = ?", attempts);
    return state.storage.setAlarm(Date.now() + 60_000);
  });
  await evictDurableObject(hostOf(deployment));
}
