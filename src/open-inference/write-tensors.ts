import type { OutputValue } from "../engine/read-answers.ts";
import { describeOutputs, type OutputJson } from "../inference/spec/describe-deployment.ts";
import type { PredictionJson } from "../inference/call/predict.ts";
import type { ServingSpec } from "../inference/spec/serving-spec.ts";
import type { TensorMetadata } from "./describe-model.ts";
import { invalidTensor } from "./infer-request.ts";

/** An output of an answer: `data` in row-major order, null where a value is missing or not finite. */
export interface OutputTensor extends TensorMetadata {
  data: (number | string | boolean | null)[];
}

/** The outputs that a call asks for, in its order; all where it names none. 422 for one that the model has not. */
export function wantedOutputs(spec: ServingSpec, requested: readonly { name: string }[] | null | undefined): string[] {
  const names = describeOutputs(spec).map(({ name }) => name);
  if (!requested || requested.length === 0) return names;
  requested.forEach(({ name }, index) => {
    if (!names.includes(name)) {
      throw invalidTensor(
        `outputs[${index}].name`,
        `"${name.slice(0, 120)}" is not an output of this model. Its outputs: ${names.join(", ")}`,
      );
    }
  });
  return [...new Set(requested.map(({ name }) => name))];
}

/** The answers to the rows of a call as tensors, one for each of the `wanted` outputs that the version has. */
export function writeTensors(
  spec: ServingSpec,
  answers: readonly PredictionJson[],
  wanted: readonly string[],
): OutputTensor[] {
  const outputs = new Map(describeOutputs(spec).map((output) => [output.name, output]));
  return wanted.flatMap((name) => {
    const output = outputs.get(name);
    return output ? [tensorOf(output, answers)] : [];
  });
}

function tensorOf(output: OutputJson, answers: readonly PredictionJson[]): OutputTensor {
  if (output.type === "probabilities") return probabilities(output, answers);
  if (output.type === "extra") {
    const name = output.name.replace(/^extra\./, "");
    return extra(
      output.name,
      answers.map((answer) => answer.extra?.[name] ?? null),
    );
  }
  const values = answers.map(({ prediction }) => prediction);
  const width = widthOf(values);
  const data = values.flat();
  const shape = width === 1 ? [answers.length] : [answers.length, width];
  const { name, classes } = output;
  if (output.type === "number") return { name, datatype: "FP64", shape, data: data.map(asNumber) };
  return { name, datatype: "BYTES", shape, ...namesOf(classes), data: data.map(asText) };
}

function probabilities({ name, classes }: OutputJson, answers: readonly PredictionJson[]): OutputTensor {
  const labels = Object.keys(answers[0]?.probabilities ?? {});
  // An object has whole numbers first, in their order; the model's own order is that of the metadata.
  const isSame = classes?.length === labels.length && classes.every((label) => labels.includes(label));
  const columns = isSame ? classes : labels;
  return {
    name,
    datatype: "FP64",
    shape: [answers.length, columns.length],
    ...namesOf(columns),
    data: answers.flatMap((answer) => columns.map((label) => answer.probabilities?.[label] ?? null)),
  };
}

function extra(name: string, values: readonly OutputValue[]): OutputTensor {
  const data = values.flat();
  const shape = [values.length, widthOf(values)];
  if (data.some((value) => typeof value === "string"))
    return { name, datatype: "BYTES", shape, data: data.map(asText) };
  if (data.some((value) => typeof value === "boolean")) return { name, datatype: "BOOL", shape, data };
  return { name, datatype: "FP64", shape, data };
}

/** Values a row; a model gives each row the same number of them. */
function widthOf([first]: readonly OutputValue[]): number {
  return Array.isArray(first) ? first.length : 1;
}

function namesOf(classes: string[] | null): Pick<TensorMetadata, "parameters"> {
  return classes ? { parameters: { class_names: classes } } : {};
}

function asNumber(value: number | string | boolean | null): number | null {
  return value === null ? null : Number(value);
}

function asText(value: number | string | boolean | null): string | null {
  return value === null ? null : String(value);
}
