import type { TensorType } from "./tensor.ts";

export type Task = "regression" | "binary_classification" | "multiclass_classification" | "anomaly_detection";

/** How rows become the tensors of a model, and its outputs become answers. Made once, at import; never changed. */
export interface ServingPlan {
  task: Task;
  inputs: PlannedInput[];
  /** Rows per run: any number (null), or exactly so many, the last piece padded. */
  batchRows: number | null;
  outputs: OutputRoles;
  classes: ClassLabels | null;
  /** The `probabilities` output was found to hold scores: it settles the class, and is not given as probabilities. */
  scoresOnly?: boolean;
  /** The `probabilities` output is one column of log-odds of the second class: its probability is the sigmoid, the label changes at 0. */
  isLogit?: boolean;
  /** Rows influence one another although a run takes `batchRows` of them: each is run by itself, repeated. */
  rowsAlone?: boolean;
  /** Values a row of each output, as the trial found them; absent in plans of earlier versions. */
  widths?: { output: string; width: number }[];
  /** The labels of the experiment's target, in its spelling, in which answers are given; absent without a target of labels. */
  targetLabels?: string[];
  /** Of columns that look like numbers and that tensors of strings read: a value as the training data spell it. Found by the trial. */
  textExamples?: [column: string, example: string][];
}

export interface PlannedInput {
  name: string;
  type: TensorType;
  /** Dimensions of a run; null stands for the number of rows. */
  dims: (number | null)[];
  /** The column for each value of a row, in row-major order. */
  columns: string[];
}

/** Which output says what, by name of the ONNX graph; null: the model has none that does. */
export interface OutputRoles {
  label: string | null;
  probabilities: string | null;
  value: string | null;
  score: string | null;
  extra: string[];
}

/** The classes in the order of the probability columns. */
export interface ClassLabels {
  /** What the graph's label output says for each class; null: it says the position. */
  raw: string[] | null;
  /** What callers read. */
  shown: string[];
}

/** Every column that the plan reads, once each, in the order of the inputs. */
export function plannedColumns(plan: ServingPlan): string[] {
  return [...new Set(plan.inputs.flatMap((input) => input.columns))];
}

/** The columns that the challenger reads and main does not, in the challenger's order. */
export function extraColumns(main: ServingPlan, challenger: ServingPlan): string[] {
  const known = new Set(plannedColumns(main));
  return plannedColumns(challenger).filter((name) => !known.has(name));
}

/** The outputs to fetch: those that have a role. */
export function plannedOutputs(plan: ServingPlan): string[] {
  const { label, probabilities, value, score, extra } = plan.outputs;
  return [...new Set([label, probabilities, value, score, ...extra].filter((name) => name !== null))];
}
