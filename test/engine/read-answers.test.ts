import { describe, expect, it } from "vitest";
import { joinAnswers, sliceAnswers } from "../../src/engine/predict-rows.ts";
import { type Answers, readAnswers } from "../../src/engine/read-answers.ts";
import type { ClassLabels, OutputRoles, ServingPlan, Task } from "../../src/engine/serving-plan.ts";
import type { Tensor } from "../../src/engine/tensor.ts";

interface Told {
  roles?: Partial<OutputRoles>;
  classes?: ClassLabels | null;
  scoresOnly?: boolean;
}

function planOf(task: Task, { roles = {}, classes = null, scoresOnly = false }: Told): ServingPlan {
  const outputs = { label: null, probabilities: null, value: null, score: null, extra: [], ...roles };
  return { task, inputs: [], batchRows: null, outputs, classes, scoresOnly };
}

const float32 = (dims: number[], ...data: number[]): Tensor => ({
  type: "float32",
  dims,
  data: Float32Array.from(data),
});
const int64 = (dims: number[], ...data: number[]): Tensor => ({
  type: "int64",
  dims,
  data: BigInt64Array.from(data, BigInt),
});
const texts = (...data: string[]): Tensor => ({ type: "string", dims: [data.length], data });

function read(plan: ServingPlan, outputs: Record<string, Tensor>, count: number): Answers {
  return readAnswers(plan, new Map(Object.entries(outputs)), count);
}

describe("a regression", () => {
  const plan = planOf("regression", { roles: { value: "y" } });

  it("answers one number a row, whatever the rank of its output", () => {
    expect(read(plan, { y: float32([2, 1], 1.5, -2) }, 2).predictions).toEqual([1.5, -2]);
    expect(read(plan, { y: float32([2], 1.5, -2) }, 2).predictions).toEqual([1.5, -2]);
    expect(read(plan, { y: float32([], 7) }, 1).predictions).toEqual([7]);
  });

  it("answers a list where a row has several values", () => {
    expect(read(plan, { y: float32([2, 1, 2], 1, 2, 3, 4) }, 2).predictions).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("says null for what is not finite", () => {
    expect(read(plan, { y: float32([3], Number.NaN, Infinity, -Infinity) }, 3).predictions).toEqual([null, null, null]);
  });

  it("answers 1 and 0 where its output is true and false", () => {
    const said: Tensor = { type: "bool", dims: [2, 1], data: Uint8Array.of(1, 0) };
    expect(read(plan, { y: said }, 2).predictions).toEqual([1, 0]);
    expect(read(plan, { y: { ...said, dims: [1, 2] } }, 1).predictions).toEqual([[1, 0]]);
    const others = planOf("regression", { roles: { value: "y", extra: ["y"] } });
    expect(read(others, { y: said }, 2).extra).toEqual({ y: [true, false] });
  });

  it("reads half floats and integers that no double holds", () => {
    // 0x4500 is 5 in IEEE 754 binary16.
    expect(read(plan, { y: { type: "float16", dims: [1], data: Uint16Array.of(0x4500) } }, 1).predictions).toEqual([5]);
    const huge: Tensor = { type: "int64", dims: [2], data: BigInt64Array.of(2n ** 62n, 3n) };
    expect(read(plan, { y: huge }, 2).predictions).toEqual(["4611686018427387904", 3]);
  });
});

describe("a classification", () => {
  const classes = { raw: ["0", "1"], shown: ["no", "yes"] };

  it("answers the label by the name that its class was given", () => {
    const plan = planOf("binary_classification", { roles: { label: "l", probabilities: "p" }, classes });
    const answers = read(plan, { l: int64([2], 1, 0), p: float32([2, 2], 0.25, 0.75, 0.5, 0.5) }, 2);
    expect(answers).toEqual({
      count: 2,
      predictions: ["yes", "no"],
      probabilities: [0.25, 0.75, 0.5, 0.5],
      classLabels: ["no", "yes"],
      extra: {},
    });
  });

  it("finds the name by what the graph says, not by position, where the graph says it", () => {
    const plan = planOf("multiclass_classification", {
      roles: { label: "l" },
      classes: { raw: ["30", "10", "20"], shown: ["c", "a", "b"] },
    });
    expect(read(plan, { l: int64([3], 10, 20, 30) }, 3).predictions).toEqual(["a", "b", "c"]);
    const byPosition = planOf("multiclass_classification", {
      roles: { label: "l" },
      classes: { raw: null, shown: ["c", "a", "b"] },
    });
    expect(read(byPosition, { l: int64([3], 1, 2, 0) }, 3).predictions).toEqual(["a", "b", "c"]);
  });

  it("answers a label that is no class as it stands", () => {
    const plan = planOf("multiclass_classification", { roles: { label: "l" }, classes });
    expect(read(plan, { l: int64([1], -1) }, 1).predictions).toEqual(["-1"]);
    expect(read(plan, { l: texts("other") }, 1).predictions).toEqual(["other"]);
  });

  it("answers the likeliest class where there is no label, and 0, 1, ... where the classes have no names", () => {
    const plan = planOf("multiclass_classification", { roles: { probabilities: "p" } });
    const answers = read(plan, { p: float32([2, 3], 0.2, 0.5, 0.3, 0.6, 0.2, 0.2) }, 2);
    expect(answers.predictions).toEqual(["1", "0"]);
    expect(answers.classLabels).toEqual(["0", "1", "2"]);
  });

  it("takes one column as the probability of the second class, which wins from one half on", () => {
    const plan = planOf("binary_classification", { roles: { probabilities: "p" }, classes });
    const answers = read(plan, { p: float32([3, 1], 0.25, 0.5, 0.75) }, 3);
    expect(answers.probabilities).toEqual([0.75, 0.25, 0.5, 0.5, 0.25, 0.75]);
    expect(answers.predictions).toEqual(["no", "yes", "yes"]);
  });

  it("gives no probabilities where the output was found to hold scores, and the class of the highest", () => {
    const plan = planOf("multiclass_classification", { roles: { probabilities: "p", extra: ["p"] }, scoresOnly: true });
    expect(read(plan, { p: float32([1, 3], -5, 7, 2) }, 1)).toEqual({
      count: 1,
      predictions: ["1"],
      probabilities: null,
      classLabels: null,
      extra: { p: [[-5, 7, 2]] },
    });
  });

  it("says null where no probability is a number", () => {
    const plan = planOf("binary_classification", { roles: { probabilities: "p" }, classes });
    const answers = read(plan, { p: float32([1, 2], Number.NaN, Number.NaN) }, 1);
    expect([answers.predictions, answers.probabilities]).toEqual([[null], [null, null]]);
  });
});

describe("an anomaly detection", () => {
  it("answers the model's label, and its score as extra", () => {
    const plan = planOf("anomaly_detection", { roles: { label: "l", score: "s", extra: ["other"] } });
    const answers = read(
      plan,
      { l: int64([2, 1], -1, 1), s: float32([2, 1], -0.5, 0.25), other: float32([2, 2], 1, 2, 3, 4) },
      2,
    );
    expect(answers.predictions).toEqual(["-1", "1"]);
    expect(answers.extra).toEqual({
      score: [-0.5, 0.25],
      other: [
        [1, 2],
        [3, 4],
      ],
    });
  });
});

describe("outputs that are not one answer a row", () => {
  const plan = planOf("regression", { roles: { value: "y" } });

  it("are refused with the shape that does not fit", () => {
    expect(() => read(plan, { y: float32([1, 2], 1, 2) }, 3)).toThrow(/"y" has the shape \[1, 2\] for 3 rows/);
    expect(() => read(plan, { y: float32([0]) }, 3)).toThrow(/"y" has the shape \[0\]/);
    expect(() => read(plan, {}, 3)).toThrow(/no output "y"/);
  });
});

describe("outputs whose number of values can be divided by the rows", () => {
  const plan = planOf("regression", { roles: { value: "y" } });

  it("are refused where their first axis is not the rows", () => {
    expect(() => read(plan, { y: float32([1, 4], 1, 2, 3, 4) }, 2)).toThrow(/not one answer a row/);
    expect(() => read(plan, { y: float32([2, 1, 1], 1, 2) }, 1)).toThrow(/not one answer a row/);
  });

  it("are refused where they are not as wide as in the trial, but for a further output", () => {
    const tried = {
      ...planOf("regression", { roles: { value: "y", extra: ["z"] } }),
      widths: [
        { output: "y", width: 2 },
        { output: "z", width: 2 },
      ],
    };
    const wide = float32([1, 3], 1, 2, 3);
    const fits = float32([1, 2], 1, 2);
    expect(() => read(tried, { y: wide, z: fits }, 1)).toThrow(/"y" has the shape/);
    expect(read(tried, { y: fits, z: wide }, 1).extra).toEqual({ z: [[1, 2, 3]] });
  });

  it("are the single row's where the graph takes one row, but for classes", () => {
    const wide = float32([2, 1, 2], 1, 2, 3, 4);
    const input = { name: "x", type: "float32" as const, columns: ["a", "b"] };
    const bare = { ...plan, batchRows: 1, inputs: [{ ...input, dims: [2] }] };
    expect(read(bare, { y: wide }, 1).predictions).toEqual([[1, 2, 3, 4]]);
    const classes = planOf("multiclass_classification", { roles: { probabilities: "y" } });
    expect(() => read({ ...classes, batchRows: 1, inputs: [{ ...input, dims: [1, 2] }] }, { y: wide }, 1)).toThrow(
      /not one answer a row/,
    );
  });

  it("are the single row's where the trial found as many values, or a plan is older than widths", () => {
    const bare = float32([2], 1, 2);
    const tried = (width: number) => ({ ...plan, widths: [{ output: "y", width }] });
    expect(read(tried(2), { y: bare }, 1).predictions).toEqual([[1, 2]]);
    expect(() => read(tried(1), { y: bare }, 1)).toThrow(/not one answer a row/);
    expect(read(plan, { y: bare }, 1).predictions).toEqual([[1, 2]]);
  });
});

describe("answers in pieces", () => {
  const answers: Answers = {
    count: 3,
    predictions: ["a", "b", "a"],
    probabilities: [1, 0, 0, 1, 1, 0],
    classLabels: ["a", "b"],
    extra: { s: [1, 2, 3] },
  };

  it("are cut and joined with all that belongs to a row", () => {
    expect(sliceAnswers(answers, 1, 2)).toEqual({
      count: 1,
      predictions: ["b"],
      probabilities: [0, 1],
      classLabels: ["a", "b"],
      extra: { s: [2] },
    });
    expect(joinAnswers([sliceAnswers(answers, 0, 1), sliceAnswers(answers, 1, 3)])).toEqual(answers);
    expect(joinAnswers([])).toMatchObject({ count: 0, predictions: [] });
  });
});
