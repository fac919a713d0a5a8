import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, predictOne, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";
import { namingModel, thresholdModel } from "../support/models.ts";

let owner: TestUser;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
});

/** 40 rows, of which the amounts above 20 are of the second class, as the target spells it. */
function trained(target: [string, string]): string {
  return `amount,sold\n${Array.from({ length: 40 }, (_, row) => `${row},${target[row > 20 ? 1 : 0]}`).join("\n")}\n`;
}

function deploy(target: [string, string], model: Uint8Array, mapping?: unknown): Promise<TestDeployment> {
  const task = "binary_classification";
  return deployModel({
    owner,
    csv: trained(target),
    target: "sold",
    task,
    model,
    ...(mapping !== undefined && { mapping }),
  });
}

describe("labels that the target and the model write in two ways", () => {
  it.each<[string, [string, string], [string, string], string]>([
    ["True and False against true and false", ["False", "True"], ["false", "true"], "true"],
    ["true and false against 1 and 0", ["false", "true"], ["0", "1"], "true"],
    ["1 and 0 against True and False", ["0", "1"], ["False", "True"], "1"],
    ["1.0 against 1", ["0", "1"], ["0.0", "1.0"], "1"],
    ["a blank in front", [" <=50K", " >50K"], [" <=50K", " >50K"], ">50K"],
    ["blanks and letter case", ["Not sold", "Sold"], ["not  sold", " SOLD"], "Sold"],
  ])("are one: %s", async (_name, target, labels, second) => {
    const deployment = await deploy(target, namingModel(20, labels));
    const model = await readAs(owner, `/api/v1/models/${deployment.mainId}`);
    expect(model.at("metrics.values")).toMatchObject({ accuracy: 1, roc_auc: 1 });
    // -ln 0.75, of a model that is always right and 0.75 sure.
    expect(Number(model.at("metrics.values.log_loss"))).toBeCloseTo(0.28768, 5);
    expect(JSON.stringify(model.at("report"))).not.toContain("labels_differ_from_target");
    const answer = await predictOne(deployment, { amount: 30 });
    expect(answer.at("prediction")).toBe(second);
    expect(answer.at(`probabilities.${second}`)).toBe(0.75);
    const items = [
      { prediction_id: answer.text("prediction_id"), actual: target[1] },
      { prediction_id: answer.text("prediction_id"), actual: labels[1] },
    ];
    const kept = await callApi("POST", `${deployment.path}/actuals`, { items }, deployment.key);
    expect(kept.body).toEqual({ accepted: 2, unknown: [], refused: [] });
    const record = await readAs(owner, `${deployment.path}/predictions/${answer.text("prediction_id")}`);
    expect(record.at("actual")).toBe(second);
  });

  it("are one where the model does not name its classes and the target says true and false", async () => {
    const deployment = await deploy(["False", "True"], thresholdModel(20));
    const model = await readAs(owner, `/api/v1/models/${deployment.mainId}`);
    expect(model.at("metrics.values.accuracy")).toBe(1);
    expect((await predictOne(deployment, { amount: 30 })).body).toMatchObject({
      prediction: "true",
      probabilities: { false: 0.25, true: 0.75 },
    });
  });
});

describe("a model whose labels are not those of the target", () => {
  it("has no metrics, and its report says what was compared and how to name the classes", async () => {
    const deployment = await deploy(["no", "yes"], thresholdModel(20));
    const model = await readAs(owner, `/api/v1/models/${deployment.mainId}`);
    expect(model.at("metrics")).toBeNull();
    const report = JSON.stringify(model.at("report"));
    expect(report).toContain("the model says 0, 1, the target has no, yes");
    expect(report).toContain("Give `class_names` in the mapping");
    expect(report).toContain("the model has no metrics");
  });

  it("is measured when the mapping names its classes", async () => {
    const deployment = await deploy(["no", "yes"], thresholdModel(20), { class_names: ["no", "yes"] });
    const model = await readAs(owner, `/api/v1/models/${deployment.mainId}`);
    expect(model.at("metrics.values.accuracy")).toBe(1);
  });
});

describe("an actual that is no class of the deployment", () => {
  it("is refused by name, and the others are kept", async () => {
    const deployment = await deploy(["no", "yes"], thresholdModel(20), { class_names: ["no", "yes"] });
    const answers = await predictRows(deployment, [{ amount: 1 }, { amount: 30 }, { amount: 31 }]);
    const [first = "", second = "", third = ""] = [0, 1, 2].map((row) =>
      answers.text(`predictions.${row}.prediction_id`),
    );
    const items = [
      { prediction_id: first, actual: "maybe" },
      { prediction_id: second, actual: "YES" },
      { prediction_id: third, actual: 7 },
      { prediction_id: "nobody", actual: "no" },
    ];
    const kept = await callApi("POST", `${deployment.path}/actuals`, { items }, deployment.key);
    expect(kept.body).toEqual({
      accepted: 1,
      unknown: ["nobody"],
      refused: [
        {
          prediction_id: first,
          code: "unknown_label",
          message: '"maybe" is not a class of this deployment. Its classes are no, yes.',
        },
        {
          prediction_id: third,
          code: "unknown_label",
          message: '"7" is not a class of this deployment. Its classes are no, yes.',
        },
      ],
    });
    const performance = await readAs(owner, `${deployment.path}/monitoring/performance`);
    expect(performance.at("labelled")).toBe(1);
  });
});

describe("labels of a holdout", () => {
  it("are read by the rule of the target, and those that are none are named and in no metric", async () => {
    const deployment = await deployModel({
      owner,
      csv: trained(["no", "yes"]),
      target: "sold",
      task: "binary_classification",
      model: namingModel(20, ["no", "yes"]),
      holdout: "amount,sold\n1,No\n2,NO\n30, yes \n31,yes\n32,never\n3,perhaps\n4,never\n",
    });
    const model = await readAs(owner, `/api/v1/models/${deployment.mainId}`);
    expect(model.at("metrics")).toMatchObject({
      rows: 4,
      source: "holdout",
      values: { accuracy: 1, f1: 1, roc_auc: 1 },
      confusion: {
        labels: ["no", "yes"],
        counts: [
          [2, 0],
          [0, 2],
        ],
      },
    });
    // -ln 0.75, of a model that is always right and 0.75 sure.
    expect(Number(model.at("metrics.values.log_loss"))).toBeCloseTo(0.28768, 5);
    const version = await readAs(owner, `/api/v1/experiments/${deployment.experiment}/versions/1`);
    expect(JSON.stringify(version.body)).toContain("Labels: never, perhaps.");
  });
});
