import type { Dim, InputInfo, ModelFacts } from "../../onnx/model-facts.ts";
import type { Finding } from "../../onnx/finding.ts";
import type { PlannedInput } from "../../engine/serving-plan.ts";
import { isTensorType } from "../../engine/tensor.ts";
import { LIMITS } from "../../config.ts";
import type { FeatureSummary } from "../version-features.ts";
import type { Mapping } from "./parse-mapping.ts";
import { plural } from "../../lib/format.ts";
import { allQuoted } from "../../onnx/describe.ts";
import { cellWords } from "../training/column-evidence.ts";

// Since then an initializer of an input's name is a default that a call may replace.
const OPTIONAL_INPUTS_IR = 4;

export interface MappedInputs {
  inputs: PlannedInput[];
  batchRows: number | null;
  findings: Finding[];
}

/**
 * Decides which columns feed which input: as the mapping says (an input with a default only then), else by the names of the inputs, else
 * all features in their order where their number fits exactly. Findings of level `error` say what is missing; then `inputs` is not to be
 * used.
 */
export function mapInputs(facts: ModelFacts, features: readonly FeatureSummary[], mapping: Mapping): MappedInputs {
  const findings: Finding[] = [];
  const wanted = facts.inputs.filter((input) => !input.hasDefault || namedColumns(mapping, input, facts) !== null);
  const unknown = [...mapping.inputs.keys()].filter(
    (key) => key !== "" && !facts.inputs.some((input) => input.name === key),
  );
  if (unknown.length > 0) {
    findings.push(
      error(
        "mapping_input_unknown",
        `The mapping names the input ${allQuoted(unknown)}, but the model's inputs are ${allQuoted(facts.inputs.map((input) => input.name))}.`,
      ),
    );
  }
  const layouts = wanted.map((input) =>
    layoutOf(input, namedColumns(mapping, input, facts), wanted.length, features.length),
  );
  for (const layout of layouts) if ("problem" in layout) findings.push(error("input_shape", layout.problem));
  const usable = layouts.flatMap((layout) => ("problem" in layout ? [] : [layout]));
  const batchRows = commonBatch(usable, findings);
  const inputs = assignColumns(usable, features, findings);
  for (const input of inputs) checkColumns(input, features, findings);
  noteTexts(inputs, features, findings);
  noteDefaults(facts, wanted, findings);
  return { inputs, batchRows, findings };
}

/** Up to IR version 3 every weight stands among the inputs and is none: the engine takes it as a constant. */
function noteDefaults(facts: ModelFacts, wanted: readonly InputInfo[], findings: Finding[]): void {
  const defaults = facts.inputs.filter((input) => input.hasDefault);
  if (facts.irVersion < OPTIONAL_INPUTS_IR) {
    const fed = defaults.filter((input) => wanted.includes(input)).map((input) => input.name);
    if (fed.length > 0) {
      findings.push(
        error(
          "input_is_constant",
          `The mapping names ${allQuoted(fed)}, but in a file of IR version ${facts.irVersion} an input that has a value is a constant and cannot be fed. Take ${fed.length === 1 ? "it" : "them"} out of the mapping, or export the model with a newer onnx package and without that value.`,
        ),
      );
    }
    return;
  }
  const kept = defaults.filter((input) => !wanted.includes(input)).map((input) => input.name);
  if (kept.length === 0) return;
  const message =
    kept.length === 1
      ? `The optional input ${allQuoted(kept)} keeps its default; map a column to it to use it.`
      : `The optional inputs ${allQuoted(kept.slice(0, 8))}${kept.length > 8 ? ` and ${kept.length - 8} more` : ""} keep their defaults; map columns to them to use them.`;
  findings.push({ level: "info", code: "inputs_with_default", message });
}

interface Layout {
  name: string;
  type: PlannedInput["type"];
  dims: (number | null)[];
  /** Fixed rows of a run; null: free. */
  batch: number | null;
  /** Values a row; null: as many as are mapped, in whole steps of `step`. */
  width: number | null;
  /** Values for each place of the free dimension of a row, where there is one: the product of its other dimensions. */
  step: number;
  given: string[] | null;
}

function namedColumns(mapping: Mapping, input: InputInfo, facts: ModelFacts): string[] | null {
  const only = facts.inputs.filter((candidate) => !candidate.hasDefault).length === 1;
  return mapping.inputs.get(input.name) ?? (only && !input.hasDefault ? (mapping.inputs.get("") ?? null) : null);
}

function layoutOf(
  input: InputInfo,
  given: string[] | null,
  inputCount: number,
  featureCount: number,
): Layout | { problem: string } {
  const { type } = input;
  if (type.kind !== "tensor" || !isTensorType(type.elem)) {
    return { problem: `The input "${input.name}" is not a tensor of numbers, booleans or strings.` };
  }
  const base = { name: input.name, type: type.elem, given, step: 1 };
  const shape: Dim[] = type.shape ?? [null, null];
  const [first, ...rest] = shape;
  if (first === undefined) return { ...base, dims: [], batch: 1, width: 1 };
  const batch = typeof first === "number" ? first : null;
  if (rest.length === 0) {
    // [k] says k rows of one column, unless exactly k columns are meant for it: then it is one row.
    const oneRow =
      batch !== null && batch > 1 && (given ? given.length === batch : inputCount === 1 && featureCount === batch);
    return oneRow ? { ...base, dims: [batch], batch: 1, width: batch } : { ...base, dims: [batch], batch, width: 1 };
  }
  const free = rest.filter((dim) => typeof dim !== "number").length;
  if (free > 1) {
    return {
      problem: `The input "${input.name}" has the shape ${shapeText(shape)}: a row has ${free} free dimensions, and the columns can fix only one. Export the model with at most one free dimension behind the batch.`,
    };
  }
  const step = rest.reduce<number>((product, dim) => (typeof dim === "number" ? product * dim : product), 1);
  const width = free === 1 ? null : step;
  if (step > LIMITS.columnsMax) {
    return {
      problem: `The input "${input.name}" takes ${step} values a row (${shapeText(shape)}); Tiltyard serves tabular models with at most ${LIMITS.columnsMax} columns.`,
    };
  }
  return { ...base, dims: [batch, ...rest.map((dim) => (typeof dim === "number" ? dim : -1))], batch, width, step };
}

function commonBatch(layouts: readonly Layout[], findings: Finding[]): number | null {
  const sizes = [...new Set(layouts.map((layout) => layout.batch).filter((size) => size !== null))];
  if (sizes.length > 1) {
    findings.push(
      error(
        "batch_sizes_differ",
        `The inputs need different numbers of rows (${sizes.join(" and ")}), so they are not rows of one table. Tiltyard serves models that answer row by row.`,
      ),
    );
  }
  const [size] = sizes;
  if (size !== undefined && sizes.length === 1) {
    const how = size === 1 ? "one row at a time" : `${size} rows at a time, the last piece filled up`;
    findings.push({
      level: "info",
      code: "fixed_batch",
      message: `The model was exported for a fixed batch of ${size}; it runs ${how}. Export it with a free first dimension for more throughput.`,
    });
  }
  return size ?? null;
}

function assignColumns(
  layouts: readonly Layout[],
  features: readonly FeatureSummary[],
  findings: Finding[],
): PlannedInput[] {
  const names = features.map((feature) => feature.name);
  const byName = layouts.map(
    (layout) => layout.given ?? (layout.width === 1 || layout.width === null ? columnNamed(layout.name, names) : null),
  );
  const open = layouts.filter((_, index) => byName[index] === null);
  const inOrder = openColumns(open, names, layouts.length, findings);
  let taken = 0;
  const planned = layouts.map((layout, index): PlannedInput => {
    const named = byName[index];
    const width = layout.width ?? (named ? named.length : inOrder.length - taken);
    const columns = named ?? inOrder.slice(taken, (taken += width));
    if (columns.length !== width && (named || inOrder.length > 0)) {
      findings.push(
        error(
          "mapping_width",
          `The input "${layout.name}" takes ${plural(width, "column")} a row, but ${columns.length} are mapped to it: ${allQuoted(columns.slice(0, 8))}.`,
        ),
      );
    }
    const places = columns.length / layout.step;
    if (layout.width === null && columns.length > 0 && !Number.isInteger(places)) {
      findings.push(
        error(
          "mapping_width",
          `The input "${layout.name}" takes ${layout.step} columns for each place of its free dimension, but ${plural(columns.length, "column")} ${columns.length === 1 ? "is" : "are"} mapped to it. Map ${layout.step}, ${layout.step * 2}, ${layout.step * 3} or more, place after place.`,
        ),
      );
    }
    return {
      name: layout.name,
      type: layout.type,
      dims: layout.dims.map((dim) => (dim === -1 ? places : dim)),
      columns,
    };
  });
  if (open.length > 0 && inOrder.length > 0) {
    findings.push({
      level: "info",
      code: "mapped_in_order",
      message: `The columns feed ${allQuoted(open.map((layout) => layout.name))} in the order of the training reference: ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}. Give a mapping if the model was trained in another order.`,
    });
  }
  const renamed = layouts.flatMap((layout, index) =>
    layout.given === null && byName[index] && byName[index][0] !== layout.name
      ? [`${layout.name} from ${byName[index][0]}`]
      : [],
  );
  if (renamed.length > 0)
    findings.push({
      level: "info",
      code: "mapped_by_similar_name",
      message: `Mapped by names that differ only in spelling: ${renamed.join(", ")}.`,
    });
  return planned;
}

/** All features, for inputs that no name settles: only when their number fits, because a guess would be silently wrong. */
function openColumns(open: readonly Layout[], names: string[], inputCount: number, findings: Finding[]): string[] {
  if (open.length === 0) return [];
  const freeWidth = open.some((layout) => layout.width === null);
  const wanted = open.reduce((sum, layout) => sum + (layout.width ?? 0), 0);
  const scattered = open.length > 1 && open.every((layout) => layout.width === 1);
  const fits = open.length === inputCount && !scattered && (freeWidth ? open.length === 1 : wanted === names.length);
  if (fits) return names;
  const example = `{"inputs": {"${open[0]?.name ?? "input"}": ["${names[0] ?? "column"}", …]}}`;
  const why =
    scattered || open.length !== inputCount
      ? `The training reference has no column named like the ${open.length === 1 ? "input" : "inputs"} ${allQuoted(open.map((layout) => layout.name))}`
      : `The model takes ${plural(wanted, "column")} a row, the training reference has ${names.length} feature columns`;
  findings.push(
    error(
      "mapping_needed",
      `${why}. Send a mapping of columns to inputs, such as ${example}, or upload a training reference that has the model's columns.`,
    ),
  );
  return [];
}

function columnNamed(input: string, names: readonly string[]): string[] | null {
  const exact = names.find((name) => name === input);
  if (exact !== undefined) return [exact];
  const similar = names.filter((name) => plain(name) === plain(input));
  return similar.length === 1 ? similar : null;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

function checkColumns(input: PlannedInput, features: readonly FeatureSummary[], findings: Finding[]): void {
  const known = new Map(features.map((feature) => [feature.name, feature]));
  const missing = input.columns.filter((column) => !known.has(column));
  if (missing.length > 0) {
    findings.push(
      error(
        "column_missing",
        `The input "${input.name}" needs the ${plural(missing.length, "column")} ${allQuoted(missing.slice(0, 8))}, missing in the training reference. Upload a reference with ${missing.length === 1 ? "it" : "them"}, or correct the mapping.`,
      ),
    );
  }
  if (input.type === "string") return;
  for (const column of input.columns) {
    const feature = known.get(column);
    const unreadable = feature?.reference.unreadable;
    if (unreadable) {
      findings.push({
        level: "warning",
        code: "unreadable_cells",
        message: `The model reads the column "${column}", of which ${plural(unreadable.count, "cell")} of the training reference could not be read and ${unreadable.count === 1 ? "counts" : "count"} as missing: ${cellWords(unreadable.first)}.`,
      });
    }
    if (feature?.kind === "text" || (feature?.kind === "categorical" && !feature.numericCategories)) {
      findings.push(
        error(
          "column_type",
          `The input "${input.name}" takes numbers (${input.type}), but the column "${column}" holds text${textWords(feature)}. Encode it in the model, or map another column.`,
        ),
      );
    }
  }
}

/** Which text a column holds: where most of it is numbers, the cell that is none. */
function textWords({ notNumeric, reference: { example } }: FeatureSummary): string {
  if (notNumeric) return `: ${cellWords(notNumeric)}, which is no number`;
  return example === null ? "" : ` such as "${String(example).slice(0, 40)}"`;
}

/** Columns that look like numbers, of which strings are made: what the model gets is no longer what one sees in the reference. */
function noteTexts(inputs: readonly PlannedInput[], features: readonly FeatureSummary[], findings: Finding[]): void {
  const numeric = new Set(features.filter(({ kind }) => kind === "numeric").map(({ name }) => name));
  const read = (isString: boolean) =>
    new Set(inputs.filter(({ type }) => (type === "string") === isString).flatMap(({ columns }) => columns));
  const asNumbers = read(false);
  const texts = [...read(true)].filter((column) => numeric.has(column));
  const columns = (names: string[]) =>
    `${names.length === 1 ? "The column" : "The columns"} ${allQuoted(names.slice(0, 8))}`;
  const only = texts.filter((column) => !asNumbers.has(column));
  if (only.length > 0)
    findings.push({
      level: "info",
      code: "read_as_text",
      message: `${columns(only)} ${only.length === 1 ? "looks" : "look"} like numbers, but only inputs of strings read ${only.length === 1 ? "it" : "them"}: they get the text as it is written, such as 00501 or 1.0.`,
    });
  const both = texts.filter((column) => asNumbers.has(column));
  if (both.length > 0)
    findings.push({
      level: "info",
      code: "read_as_both",
      message: `${columns(both)} ${both.length === 1 ? "feeds" : "feed"} inputs of strings and of numbers: the former get the text as it is written, the latter its number.`,
    });
}

function error(code: string, message: string): Finding {
  return { level: "error", code, message };
}

function shapeText(shape: readonly Dim[]): string {
  return `[${shape.map((dim) => dim ?? "?").join(", ")}]`;
}
