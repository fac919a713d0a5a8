import { AppError } from "../../errors.ts";
import { parseNumber, readCsvHeader, readCsvMarks, visitCsv } from "../../lib/csv.ts";
import type { CsvInfo } from "../../lib/csv.ts";
import type { ShownCell } from "../../lib/cell-evidence.ts";
import { keepText } from "../../lib/csv-text.ts";
import type { ColumnMarks } from "../../lib/decide-marks.ts";
import type { NumberMarks } from "../../lib/read-cell.ts";
import type { Finding } from "../../onnx/finding.ts";
import { ColumnEvidence, marksNotes } from "./column-evidence.ts";
import type { UnreadableCells } from "./unreadable-cells.ts";
import { checkStatedSchema, labelOfCell, listOf, statedCategories, statedKind } from "./feature.ts";
import type { FeatureKind, FeatureSchema, StatedSchema, Target } from "./feature.ts";

export interface InferredSchema {
  schema: FeatureSchema;
  csv: CsvInfo;
  /** By feature, what of its cells could not be read, where there is something. */
  cells: Map<string, FeatureCells>;
  /** What the user should know about how the columns were read. */
  notes: Finding[];
}

/** Cells of a feature that are not what they seem to be meant for. */
export interface FeatureCells {
  /** Of a numeric or boolean feature: they count as missing. */
  unreadable: UnreadableCells | null;
  /** Of a feature that is not numeric although most of its cells are numbers: the first one that is none. */
  notNumeric: ShownCell | null;
}

// So few values are categories whatever the file's size, unless each is a text of its own.
const CATEGORIES_ALWAYS = 20;
const CATEGORIES_OFTEN = 50;
const CATEGORIES_MAX = 1000;
const CATEGORY_CHARACTERS = 40;
// Short texts that repeat so often on average are codes, up to this number of different ones.
const CODE_REPEATS_MIN = 1.2;
const CODES_MAX = 20_000;
// Values that are remembered for all columns together: bounds the memory that wide files take.
const DISTINCT_TOTAL = 300_000;

/** How often each text occurs in a column; given up as `isFull` once there are more than `max`. */
interface Tally {
  counts: Map<string, number>;
  max: number;
  isFull: boolean;
  longest: number;
}

/**
 * Says what each column of a training reference is, in one pass over the cells and a second one over those columns that
 * are no numbers. What the user states goes before what is inferred:
 * - numeric: all cells are numbers (NA, ?, - and the like count as missing there), or 99 % of at least 100 cells;
 * - boolean: all cells are true or false, or 1 and 0 beside these; a column of 0 and 1 alone is numeric;
 * - categorical: up to 20 values, up to 50 that occur twice on average, up to 1,000 that occur five times, or up to 20,000 of at most 40
 *   characters that occur 1.2 times: codes;
 * - text: the rest. A column without any value is numeric.
 * In files of more than 15 such columns the 20,000 shrinks to 300,000 over their number.
 *
 * Throws CsvError for the file, AppError invalid_input for a target or a stated schema that does not fit it.
 */
export function inferSchema(bytes: Uint8Array, target: Target | null, stated: StatedSchema = {}): InferredSchema {
  const { columns } = readCsvHeader(bytes);
  checkStatedSchema(stated, columns);
  if (target !== null) checkTarget(target, columns);
  const notFeatures = new Set(stated.not_features);
  const evidence = columns.map(() => new ColumnEvidence());
  const marks = readCsvMarks(bytes);
  const csv = visitCsv(bytes, {}, (row) => {
    for (let index = 0; index < evidence.length; index++) evidence[index]?.add(row, index, marks[index] ?? PLAIN);
  });

  const kinds = columns.map((name, index) => statedKind(stated, name) ?? evidence[index]?.kind() ?? null);
  const isLabel = (name: string): boolean => name === target?.name && target.kind === "label";
  const isOpen = columns.map((name, index) => name !== target?.name && kinds[index] === null && !notFeatures.has(name));
  const openMax = Math.min(CODES_MAX, Math.floor(DISTINCT_TOTAL / isOpen.filter(Boolean).length));
  const tallies = tallyColumns(
    bytes,
    columns.map((name, index) => (isLabel(name) ? CATEGORIES_MAX : isOpen[index] === true ? openMax : 0)),
  );

  const schema: FeatureSchema = { features: [], target: null, notFeatures: [] };
  const notes = [...headerNotes(columns), ...statedTargetNotes(target, stated)];
  const cells: InferredSchema["cells"] = new Map();
  for (const [index, name] of columns.entries()) {
    const seen = evidence[index] ?? new ColumnEvidence();
    const tally = tallies[index] ?? null;
    const written = marks[index] ?? PLAIN;
    if (name === target?.name) {
      const labels = target.kind === "label" ? labelsOf(name, seen, tally, written.marks) : [];
      if (target.kind === "numeric") checkNumericTarget(name, seen);
      schema.target = { ...target, labels };
      notes.push(...(target.kind === "numeric" ? numberNotes(name, seen, written) : labelNotes(name, labels)));
    } else if (notFeatures.has(name)) schema.notFeatures.push(name);
    else {
      const kind = kinds[index] ?? kindOf(tally);
      schema.features.push({ name, kind, categories: statedCategories(stated, name) });
      notes.push(...(kind === "numeric" ? numberNotes(name, seen, written) : seen.notes(name, kind)));
      const [unreadable, notNumeric] = [seen.unreadable(kind), seen.notNumeric(kind)];
      if (unreadable || notNumeric) cells.set(name, { unreadable, notNumeric });
    }
  }
  return { schema, csv, cells, notes };
}

const PLAIN: ColumnMarks = { marks: "point", grouped: null, unclear: null, unsettled: null };

function numberNotes(name: string, seen: ColumnEvidence, written: ColumnMarks): Finding[] {
  return [...seen.notes(name, "numeric"), ...marksNotes(name, written)];
}

function checkTarget(target: Target, columns: string[]): void {
  if (columns.includes(target.name)) return;
  throw new AppError(
    "invalid_input",
    `The CSV has no column ${target.name}, which is the target of the experiment. Its columns are ${listOf(columns)}.`,
  );
}

function checkNumericTarget(name: string, seen: ColumnEvidence): void {
  if (seen.numbers === 0 && seen.truths + seen.others === 0) refuseEmptyTarget(name);
  if (seen.kind() === "numeric") return;
  throw new AppError(
    "invalid_input",
    `The target ${name} of a regression must be numeric, but ${seen.firstOther()}. Correct the file, or choose a classification task.`,
  );
}

function refuseEmptyTarget(name: string): never {
  throw new AppError("invalid_input", `The target ${name} has no value in any row. Upload data with known outcomes.`);
}

function labelsOf(name: string, seen: ColumnEvidence, tally: Tally | null, marks: NumberMarks): string[] {
  if (tally === null || tally.isFull) {
    throw new AppError(
      "invalid_input",
      `The target ${name} has more than ${CATEGORIES_MAX.toLocaleString("en-US")} different labels. Name the column that holds the classes, or choose the task regression.`,
    );
  }
  const isNumeric = seen.numbers > 0 && seen.truths + seen.others === 0;
  const labels = new Set<string>();
  for (const text of tally.counts.keys()) {
    const label = labelOfCell(text, isNumeric, marks);
    if (label !== null) labels.add(label);
  }
  if (labels.size === 0) refuseEmptyTarget(name);
  return [...labels].sort(byLabel);
}

/** Numbers by size, then texts by their code units. */
function byLabel(a: string, b: string): number {
  const first = parseNumber(a) ?? Number.POSITIVE_INFINITY;
  const second = parseNumber(b) ?? Number.POSITIVE_INFINITY;
  if (first !== second) return first - second;
  return a < b ? -1 : a > b ? 1 : 0;
}

function kindOf(tally: Tally | null): FeatureKind {
  if (tally === null || tally.isFull) return "text";
  const distinct = tally.counts.size;
  let cells = 0;
  for (const count of tally.counts.values()) cells += count;
  if (distinct <= CATEGORIES_ALWAYS && (distinct < cells || tally.longest <= CATEGORY_CHARACTERS)) return "categorical";
  if (distinct <= CATEGORIES_OFTEN && cells >= 2 * distinct) return "categorical";
  if (distinct <= CATEGORIES_MAX && cells >= 5 * distinct) return "categorical";
  return tally.longest <= CATEGORY_CHARACTERS && cells >= CODE_REPEATS_MIN * distinct ? "categorical" : "text";
}

/** Counts the texts of each column whose entry in `maxima` is above 0; null for the others. */
function tallyColumns(bytes: Uint8Array, maxima: number[]): (Tally | null)[] {
  const tallies = maxima.map((max): Tally | null =>
    max > 0 ? { counts: new Map(), max, isFull: false, longest: 0 } : null,
  );
  const open = tallies.flatMap((tally, index) => (tally === null ? [] : [{ tally, index }]));
  if (open.length === 0) return tallies;
  visitCsv(bytes, {}, (row) => {
    for (const { tally, index } of open) {
      if (!tally.isFull && !row.isEmpty(index)) addToTally(tally, row.text(index));
    }
  });
  return tallies;
}

function addToTally(tally: Tally, text: string): void {
  const count = tally.counts.get(text);
  if (count !== undefined) tally.counts.set(text, count + 1);
  else if (tally.counts.size === tally.max) {
    tally.isFull = true;
    tally.counts.clear();
  } else {
    tally.counts.set(keepText(text), 1);
    tally.longest = Math.max(tally.longest, text.length);
  }
}

function headerNotes(columns: string[]): Finding[] {
  // Column numbers (0, 1, 2) are common names; fractions are not.
  const numbers = columns.filter((name) => parseNumber(name) !== null && !Number.isInteger(Number(name)));
  if (numbers.length === 0) return [];
  return [
    {
      level: "warning",
      code: "header_looks_like_data",
      message: `The first line names columns ${listOf(numbers, 3)}: if it is data, add a header row and upload the file again.`,
    },
  ];
}

function statedTargetNotes(target: Target | null, stated: StatedSchema): Finding[] {
  if (target === null) return [];
  const isStated = statedKind(stated, target.name) !== null || (stated.not_features ?? []).includes(target.name);
  if (!isStated) return [];
  const message = `The schema names ${target.name}, which is the target and not a feature. This has no effect.`;
  return [{ level: "info", code: "target_is_no_feature", message }];
}

function labelNotes(name: string, labels: string[]): Finding[] {
  if (labels.length > 1) return [];
  return [
    {
      level: "warning",
      code: "single_label",
      message: `The target ${name} has the label ${labels.join()} in every row, so metrics say little.`,
    },
  ];
}
