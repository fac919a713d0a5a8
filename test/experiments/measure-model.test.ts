import { describe, expect, it } from "vitest";
import type { Answers } from "../../src/engine/read-answers.ts";
import { measureModel } from "../../src/experiments/trial/measure-model.ts";
import type { ExperimentRow } from "../../src/experiments/queries.ts";
import type { TrainingTable } from "../../src/experiments/training/training-table.ts";

const experiment: ExperimentRow = {
  id: "exp",
  projectId: "prj",
  name: "Kinds",
  description: "",
  task: "multiclass_classification",
  target: "kind",
  createdBy: "usr",
  createdAt: 0,
};

/** A table whose reference knows `labels`, and whose rows have those at `codes`. */
function tableOf(labels: string[], codes: number[]): TrainingTable {
  return {
    rows: codes.length,
    rowsOfFile: codes.length,
    columns: [],
    target: { name: "kind", kind: "label", codes: Int32Array.from(codes), dictionary: labels },
    notes: [],
  };
}

function answersOf(...predictions: string[]): Answers {
  return { count: predictions.length, predictions, probabilities: null, classLabels: null, extra: {} };
}

function measure(table: TrainingTable, answers: Answers) {
  return measureModel(
    experiment,
    table,
    answers.predictions.map((_, row) => row),
    answers,
    "holdout",
  );
}

describe("labels that the model gives and the rows at hand lack", () => {
  it("are nothing to warn of where the reference has them", () => {
    const { findings, metrics } = measure(tableOf(["ham", "spam"], [0, 0, 0]), answersOf("ham", "spam", "ham"));
    expect(findings).toEqual([]);
    // Two of three are right.
    expect(metrics?.values["accuracy"]).toBeCloseTo(2 / 3, 12);
  });

  it("are a warning where the reference lacks them, too", () => {
    const { findings } = measure(tableOf(["1", "2", "3"], [0, 1, 2]), answersOf("0", "1", "2"));
    expect(findings).toMatchObject([
      {
        level: "warning",
        code: "labels_differ_from_target",
        message: expect.stringMatching(/^Not all .* the model says 0, 1, 2, the target has 1, 2, 3/),
      },
    ]);
    const none = measure(tableOf(["ham", "spam"], [0, 1]), answersOf("0", "1"));
    expect(none.findings[0]?.message).toMatch(/^None of the model's labels/);
  });
});

describe("the distribution of the answers", () => {
  it("counts labels by falling count", () => {
    const { distribution } = measure(tableOf(["ham", "spam"], [0, 0, 0]), answersOf("spam", "ham", "spam"));
    expect(distribution).toEqual({
      rows: 3,
      numbers: null,
      labels: [
        { value: "spam", count: 2 },
        { value: "ham", count: 1 },
      ],
      calibration: null,
      scores: [],
    });
  });
});
