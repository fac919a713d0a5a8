import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, predictOne, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { Answer } from "../support/answer.ts";
import { callApi, fetchInstance, startInstance } from "../support/instance.ts";
import { logModel, sumModel, tableModel, thresholdModel, timesModel } from "../support/models.ts";

/** Amounts 0 to 3, each ten times. */
const AMOUNTS = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row}`)].join("\n");
const LABELS = ["amount,sold", ...Array.from({ length: 40 }, (_, row) => `${row},${row < 20 ? "no" : "yes"}`)].join(
  "\n",
);

let doubled: TestDeployment;

beforeAll(async () => {
  await startInstance();
  doubled = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2), name: "Doubled" });
});

/** A predict call whose body is sent as it stands. */
async function send(
  body: BodyInit | null,
  headers: Record<string, string> = { "content-type": "application/json" },
): Promise<Answer> {
  const init = { method: "POST", headers: { authorization: `Bearer ${doubled.key}`, ...headers }, body };
  return Answer.of(await fetchInstance(`${doubled.path}/predict`, init));
}

describe("an answer", () => {
  it("to one row carries id, prediction, version and model, and nothing that is not in the contract", async () => {
    const answer = await predictOne(doubled, { amount: 1.5 });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      prediction_id: expect.any(String),
      prediction: 3,
      probabilities: null,
      version: 1,
      model: { id: doubled.mainId, name: "main" },
      warnings: [],
    });
  });

  it("to several rows keeps their order and names version and model once more", async () => {
    const answer = await predictRows(doubled, [{ amount: 3 }, { amount: 1 }, { amount: 2 }]);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body ?? {}).toSorted()).toEqual(["model", "predictions", "version"]);
    expect([0, 1, 2].map((row) => answer.at(`predictions.${row}.prediction`))).toEqual([6, 2, 4]);
    const ids = [0, 1, 2].map((row) => answer.text(`predictions.${row}.prediction_id`));
    expect(new Set(ids).size).toBe(3);
    expect(answer.at("version")).toBe(1);
    expect(answer.at("model.id")).toBe(doubled.mainId);
  });

  it("comes under the slug as well as under the id, and not to calls with words that nobody knows", async () => {
    const path = `/api/v1/deployments/${doubled.slug}/predict`;
    const answer = await callApi("POST", path, { features: { amount: 2 } }, doubled.key);
    expect(answer.at("prediction")).toBe(4);
    const odd = await callApi("POST", `${path}?trace=1`, { features: { amount: 2 } }, doubled.key);
    expect([odd.status, odd.at("errors.0.path")]).toEqual([422, "trace"]);
  });

  it("of a classifier is the label as a string, with the probability of each label", async () => {
    const sold = await deployModel({
      csv: LABELS,
      task: "binary_classification",
      target: "sold",
      model: thresholdModel(10),
      mapping: { class_names: ["no", "yes"] },
    });
    const answer = await predictRows(sold, [{ amount: 11 }, { amount: 10 }]);
    expect(answer.at("predictions.0")).toMatchObject({ prediction: "yes", probabilities: { no: 0.25, yes: 0.75 } });
    expect(answer.at("predictions.1")).toMatchObject({ prediction: "no", probabilities: { no: 0.75, yes: 0.25 } });
  });

  it("that is not finite is null with a warning, beside finite ones, and is recorded so", async () => {
    const logged = await deployModel({ csv: AMOUNTS.replaceAll("\n0,", "\n5,"), target: "price", model: logModel() });
    const answer = await predictRows(logged, [{ amount: 0 }, { amount: -1 }, { amount: 1 }]);
    // ln 0 is minus infinity, ln -1 is no number, ln 1 is 0.
    expect([0, 1, 2].map((row) => answer.at(`predictions.${row}.prediction`))).toEqual([null, null, 0]);
    const unusual = [{ code: "out_of_range" }, { code: "not_finite" }];
    expect(answer.at("predictions")).toMatchObject([{ warnings: unusual }, { warnings: unusual }, { warnings: [] }]);
    const record = await readAs(
      logged.owner,
      `${logged.path}/predictions/${answer.text("predictions.0.prediction_id")}`,
    );
    expect(record.at("main.prediction")).toBeNull();
  });

  it("that the model cannot give is a 422 for the call that holds the culprit, and for no other of the same moment", async () => {
    const table = await deployModel({ csv: AMOUNTS, target: "price", model: tableModel([5, 6, 7, 8]) });
    const calls = [0, 1, 99, 2, 3, 3, 2, 1].map((amount) => predictOne(table, { amount }));
    const answers = await Promise.all(calls);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 422, 200, 200, 200, 200, 200]);
    expect(answers.map((answer) => answer.at("prediction"))).toEqual([5, 6, undefined, 7, 8, 8, 7, 6]);
    expect(answers[2]?.at("code")).toBe("invalid_input");
    expect(answers[2]?.text("detail")).toContain("could not predict");
    const records = await readAs(table.owner, `${table.path}/predictions`);
    expect(records.each("prediction_id").toSorted()).toEqual(
      answers
        .filter((answer) => answer.status === 200)
        .map((answer) => answer.text("prediction_id"))
        .toSorted(),
    );
  });
});

describe("a body", () => {
  it("is refused as malformed when it is no JSON, and says how to send a missing value", async () => {
    for (const body of ["{", '{"features": {"amount": NaN}}', '{"features": {"amount": Infinity}}', "features=1"]) {
      const answer = await send(body);
      expect([answer.status, answer.at("code")]).toEqual([400, "malformed"]);
      expect(answer.text("detail")).toContain("send null for a missing value");
    }
    const latin = await send(Uint8Array.of(0x22, 0xe4, 0x22));
    expect([latin.status, latin.at("code")]).toEqual([400, "malformed"]);
    expect(latin.text("detail")).toContain("UTF-8");
  });

  it("is refused with the shape that is wanted when it has another one", async () => {
    const wrong = [
      "",
      "{}",
      "1",
      '"x"',
      "null",
      '{"features": []}',
      '{"features": 5}',
      '{"features": {}, "rows": [{}]}',
    ];
    for (const body of wrong) {
      const answer = await send(body);
      expect([body, answer.status, answer.at("code")]).toEqual([body, 422, "invalid_input"]);
      expect(answer.text("detail")).toContain('Send {"features"');
    }
    expect((await send('{"rows": {}}')).text("detail")).toBe("rows must be a list of objects.");
    const row = await send('{"rows": [{"amount": 1}, [1]]}');
    expect(row.status).toBe(422);
    expect(row.text("detail")).toContain("rows[1]");
  });

  it("may have 1,000 rows, and is refused with the limit at none and at 1,001", async () => {
    const full = await predictRows(
      doubled,
      Array.from({ length: 1_000 }, (_, amount) => ({ amount })),
    );
    expect(full.status).toBe(200);
    expect(full.at("predictions.999.prediction")).toBe(1_998);
    const none = await predictRows(doubled, []);
    expect([none.status, none.at("errors.0.path")]).toEqual([422, "rows"]);
    expect(none.text("detail")).toContain("no rows. Send at least one");
    const many = await predictRows(
      doubled,
      Array.from({ length: 1_001 }, () => ({ amount: 1 })),
    );
    expect(many.status).toBe(422);
    expect(many.text("detail")).toMatch(/1,?000 rows.*1,?001/);
  });

  it("is refused past 8 MB, whether or not it says its length", async () => {
    const body = JSON.stringify({ features: { amount: 1, filler: "x".repeat(8_000_000) } });
    const stream = new Blob([body]).stream();
    for (const answer of [await send(body), await send(stream)]) {
      expect([answer.status, answer.at("code")]).toEqual([413, "too_large"]);
      expect(answer.text("detail")).toContain("8 MB");
    }
  });

  it("may be nested 32 deep and no deeper", async () => {
    // The body itself and `features` are the first two levels.
    const nested = (levels: number): string =>
      `{"features": {"amount": 1, "other": ${"[".repeat(levels - 2)}${"]".repeat(levels - 2)}}}`;
    expect((await send(nested(32))).status).toBe(200);
    const deep = await send(nested(33));
    expect([deep.status, deep.at("code")]).toEqual([422, "invalid_input"]);
    expect(deep.text("detail")).toContain("32 levels");
    expect((await send(`{"features": {"amount": 1, "text": "${"[".repeat(100)}"}}`)).status).toBe(200);
  });

  it("must be JSON by its content type, where it has one", async () => {
    const json = '{"features": {"amount": 4}}';
    for (const type of ["application/json; charset=utf-8", "application/vnd.acme+json", "text/plain"]) {
      expect((await send(json, { "content-type": type })).at("prediction")).toBe(8);
    }
    for (const type of ["application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]) {
      const answer = await send(json, { "content-type": type });
      expect([answer.status, answer.at("code")]).toEqual([415, "unsupported_media_type"]);
      expect(answer.text("detail")).toContain("application/json");
    }
  });
});

describe("features with unusual names", () => {
  it("such as __proto__ and constructor are features like others", async () => {
    const names = ["__proto__", "constructor", "hasOwnProperty", "toString", "a.b[0]", "größe 🙂"];
    const csv = [names.join(","), ...Array.from({ length: 10 }, (_, row) => names.map(() => row).join(","))].join("\n");
    const odd = await deployModel({ csv, model: sumModel(names.length) });
    const features = Object.fromEntries(names.map((name, index) => [name, 10 ** index]));
    const answer = await predictOne(odd, features);
    expect(answer.at("prediction")).toBe(111_111);
    const record = await readAs(odd.owner, `${odd.path}/predictions/${answer.text("prediction_id")}`);
    expect(Object.entries(record.at("features") ?? {})).toEqual(Object.entries(features));
    const gap = await predictOne(odd, {});
    expect([0, 1, 2, 3, 4, 5].map((index) => gap.at(`warnings.${index}.feature`))).toEqual(names);
    const inputs = await readAs(odd.owner, `${odd.path}/inputs`);
    expect(inputs.each("name")).toEqual(names);
  });

  it("of 10,000 characters are taken, and an unknown one of that length is ignored with a short warning", async () => {
    const long = "n".repeat(10_000);
    const csv = `${long},amount\n1,1\n2,2\n`;
    const wide = await deployModel({ csv, model: sumModel(2) });
    expect((await predictOne(wide, { [long]: 40, amount: 2 })).at("prediction")).toBe(42);
    const answer = await predictOne(doubled, { amount: 1, [long]: 1, ["__proto__"]: 3, constructor: 4 });
    expect(answer.at("prediction")).toBe(2);
    expect([0, 1, 2].map((index) => answer.at(`warnings.${index}.code`))).toEqual(Array(3).fill("unknown_feature"));
    expect(JSON.stringify(answer.body).length).toBeLessThan(2_000);
  });
});

describe("a deployment of one numeric feature", () => {
  it("describes itself with range and example, and answers its own example", async () => {
    const csv = `amount,price\n${Array.from({ length: 21 }, (_, row) => `${row - 10},${row}`).join("\n")}`;
    const simple = await deployModel({ csv, target: "price", model: timesModel(3), name: "Simple" });
    const inputs = await readAs(simple.owner, `${simple.path}/inputs`);
    expect(inputs.at("items")).toEqual([
      {
        name: "amount",
        kind: "numeric",
        required: false,
        nullable: true,
        range: { min: -10, max: 10, median: 0 },
        categories: null,
        example: expect.any(Number),
      },
    ]);
    const outputs = await readAs(simple.owner, `${simple.path}/outputs`);
    expect(outputs.at("items")).toEqual([{ name: "prediction", type: "number", classes: null }]);
    const about = await readAs(simple.owner, `${simple.path}/about`);
    expect(about.body).toMatchObject({
      task: "regression",
      version: 1,
      name: "Simple",
      access: "project",
      type_policy: "best_effort",
    });
    expect((await predictOne(simple, { amount: inputs.at("items.0.example") })).at("warnings")).toEqual([]);
  });
});
