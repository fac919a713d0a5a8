import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, eventually, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { startInstance } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

/** Scores of 0.01 to 0.06, which the model passes on as the probability of the second class; one row in ten is a yes. */
const CSV = [
  "score,bought",
  ...Array.from({ length: 600 }, (_, row) => `${0.01 + (row % 100) / 2000},${row % 10 === 0 ? "yes" : "no"}`),
].join("\n");

let deployment: TestDeployment;

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({
    csv: CSV,
    task: "binary_classification",
    target: "bought",
    model: timesModel(1),
    challenger: { model: timesModel(1.02) },
  });
  // The label stays the same: 0.31 to 0.36 is no yes either.
  await predictRows(
    deployment,
    Array.from({ length: 200 }, (_, row) => ({ score: 0.31 + (row % 100) / 2000 })),
  );
});

describe("probabilities that moved while labels did not", () => {
  it("are drift of the predictions, and say by how much", async () => {
    const drift = await eventually(
      () => readAs(deployment.owner, `${deployment.path}/monitoring/drift`),
      (answer) => answer.at("prediction.challenger.n") === 200,
    );
    expect(drift.at("prediction.main.label")).toMatchObject({ state: "ok", effect: 0, method: "cohens_h" });
    const score = drift.at("prediction.main.score") as { statistic: number; effect: number; classes: unknown[] };
    expect(score).toMatchObject({ state: "drift", method: "wasserstein" });
    // 0.3 higher, over a standard deviation of 0.0144; as an effect, no further than the reference reaches.
    expect(score.statistic).toBeCloseTo(0.3 / 0.01443, 0);
    expect(score.effect).toBeGreaterThan(1);
    expect(score.classes).toHaveLength(2);
    expect(drift.at("prediction.main")).toMatchObject({ state: "drift", n: 200 });
    expect(drift.text("prediction.main.reason")).toContain("Of the probability of ");
    expect(drift.at("state")).toBe("drift");
    // The challenger is judged by the same methods.
    expect(drift.at("prediction.challenger")).toMatchObject({
      state: "drift",
      label: { method: "cohens_h" },
      score: { method: "wasserstein", state: "drift" },
    });
  });

  it("have a distribution of their own for each class, of both models in the bins of main", async () => {
    const drift = await readAs(deployment.owner, `${deployment.path}/monitoring/drift`);
    const label = drift.text("prediction.main.score.classes.1.class");
    const path = `${deployment.path}/monitoring/distributions?feature=${encodeURIComponent(`@score:${label}`)}`;
    const counted = await readAs(deployment.owner, path);
    expect(counted.at("kind")).toBe("numeric");
    expect((counted.at("reference") as number[]).reduce((sum, count) => sum + count, 0)).toBe(600);
    expect(counted.at("above")).toBe(200);
    const refused = await readAs(deployment.owner, `${deployment.path}/monitoring/distributions?feature=@score:maybe`);
    expect(refused.status).toBe(404);
    expect(refused.text("detail")).toContain(`@score:${label}`);
  });
});
