import { LIMITS } from "../config.ts";
import type { AppError } from "../errors.ts";
import type { SentRow } from "../inference/spec/coerce-rows.ts";
import { askedFeatures } from "../inference/spec/describe-deployment.ts";
import type { ServedFeature, ServingSpec } from "../inference/spec/serving-spec.ts";
import { DATATYPES, datatypeOf, takesDatatype, wantedInstead } from "./datatype.ts";
import { binaryRefusal, type InputTensor, invalidTensor } from "./infer-request.ts";

/** Under these names one tensor [n, features] may carry all features in their order, as it may under that of an input of the ONNX file. */
const WHOLE_ROW_NAMES = new Set(["input", "features"]);
const NAMES_SHOWN = 5;

/**
 * The rows that the tensors of a call hold, as `predict` takes them. Throws 422 where the tensors contradict themselves or the
 * metadata: every feature must be there, because a client of this protocol reads no warnings. What no feature is goes on as it is.
 */
export function readTensors(spec: ServingSpec, tensors: readonly InputTensor[]): SentRow[] {
  const count = rowCount(tensors);
  const asked = new Map(askedFeatures(spec).map((feature) => [feature.name, feature]));
  const known = new Set(spec.features.map(({ name }) => name));
  const columnsOf = columnFinder(spec, asked, known);
  const columns = new Map<string, readonly unknown[]>();
  tensors.forEach((tensor, index) => {
    const path = `inputs[${index}]`;
    const values = valuesOf(tensor, path);
    const names = columnsOf(tensor.name);
    for (const name of names) checkColumn(asked.get(name), columns, name, tensor, path);
    const width = values.length / count;
    if (width !== names.length && names.some((name) => asked.has(name))) throw wrongWidth(tensor, path, names.length);
    names.forEach((name, position) => {
      const column = Array.from({ length: count }, (_, row) => values[row * width + position]);
      columns.set(name, width === names.length ? column : column.fill(null));
    });
  });
  checkAllThere([...asked.keys()], columns, known);
  // fromEntries also makes a property of a feature that is called __proto__.
  const entries = [...columns];
  return Array.from({ length: count }, (_, row) => Object.fromEntries(entries.map(([name, of]) => [name, of[row]])));
}

function rowCount(tensors: readonly InputTensor[]): number {
  const [count = 0] = tensors[0]?.shape ?? [];
  const other = tensors.findIndex(({ shape }) => shape[0] !== count);
  if (other >= 0) {
    throw invalidTensor(
      `inputs[${other}].shape`,
      `the first dimension is the number of rows: ${tensors[other]?.shape[0]} here, ${count} in inputs[0]`,
    );
  }
  if (count <= LIMITS.rowsPerCallMax) return count;
  throw invalidTensor(
    "inputs[0].shape",
    `a call may have at most ${LIMITS.rowsPerCallMax} rows. This one has ${count}. Send several calls.`,
  );
}

/** The values in row-major order, each of them one of the datatype. */
function valuesOf({ datatype, shape, data, parameters }: InputTensor, path: string): readonly unknown[] {
  if (parameters?.["binary_data_size"] !== undefined) throw binaryRefusal();
  if (parameters?.["content_type"] === "base64") {
    throw invalidTensor(`${path}.parameters.content_type`, "base64 is not supported. Send plain UTF-8 text.");
  }
  if (!DATATYPES.includes(datatype)) {
    throw invalidTensor(`${path}.datatype`, `"${datatype.slice(0, 60)}" must be one of ${DATATYPES.join(", ")}`);
  }
  if (!data) throw invalidTensor(`${path}.data`, 'send "data", a list of values');
  const values = flatValues(data, shape);
  if (!values) {
    throw invalidTensor(
      `${path}.data`,
      `shape [${shape.join(", ")}] needs ${product(shape)} values, flat in row-major order or nested in this shape`,
    );
  }
  values.forEach((value, index) => {
    const wanted = wantedInstead(datatype, value);
    if (wanted !== null) {
      const sent = JSON.stringify(value).slice(0, 60);
      throw invalidTensor(
        `${path}.data[${index}]`,
        `${datatype} needs ${wanted}, or null for a missing value, not ${sent}`,
      );
    }
  });
  return values;
}

/** null: the data are neither flat nor nested as the shape says. */
function flatValues(data: readonly unknown[], shape: readonly number[]): readonly unknown[] | null {
  if (!data.some((part) => Array.isArray(part))) return data.length === product(shape) ? data : null;
  let level: unknown[] = [data];
  for (const dim of shape) {
    if (!level.every((part) => Array.isArray(part) && part.length === dim)) return null;
    level = level.flat();
  }
  return level.some((part) => Array.isArray(part)) ? null : level;
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, dim) => total * dim, 1);
}

/** Finds the columns that a tensor of a name carries: a feature, what feeds an input of the ONNX file, or all that are asked for. */
function columnFinder(
  spec: ServingSpec,
  asked: ReadonlyMap<string, unknown>,
  known: ReadonlySet<string>,
): (name: string) => string[] {
  const ofInput = new Map(spec.main.plan.inputs.map((input) => [input.name, input.columns]));
  return (name) => {
    if (known.has(name)) return [name];
    return ofInput.get(name) ?? (WHOLE_ROW_NAMES.has(name) ? [...asked.keys()] : [name]);
  };
}

function checkColumn(
  feature: ServedFeature | undefined,
  columns: ReadonlyMap<string, unknown>,
  name: string,
  { datatype }: InputTensor,
  path: string,
): void {
  if (columns.has(name)) throw invalidTensor(path, `"${name.slice(0, 120)}" is sent twice`);
  if (!feature || takesDatatype(feature, datatype)) return;
  const own = datatypeOf(feature);
  const wanted = own === "FP64" ? "a number type such as FP64" : `${own}, or a number type`;
  throw invalidTensor(`${path}.datatype`, `"${name.slice(0, 120)}" takes ${wanted}, not ${datatype}`);
}

function wrongWidth({ name, shape }: InputTensor, path: string, width: number): AppError {
  const wanted = width === 1 ? "[n] or [n, 1]" : `[n, ${width}]`;
  return invalidTensor(
    `${path}.shape`,
    `"${name.slice(0, 120)}" needs ${wanted}, where n is the number of rows, not [${shape.join(", ")}]`,
  );
}

function checkAllThere(
  asked: readonly string[],
  columns: ReadonlyMap<string, unknown>,
  known: ReadonlySet<string>,
): void {
  const missing = asked.filter((name) => !columns.has(name));
  if (missing.length === 0) return;
  const unknown = [...columns.keys()].filter((name) => !known.has(name));
  const remark = unknown.length === 0 ? "" : ` Unknown inputs: ${listed(unknown)}.`;
  throw invalidTensor(
    "inputs",
    `not sent: ${listed(missing)}. Send one tensor for each input in the model's metadata. A missing value is null in data.${remark}`,
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `"${name.slice(0, 120)}"`);
  const rest = names.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
