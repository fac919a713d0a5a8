import { AppError } from "../../errors.ts";
import type { CsvRow } from "../../lib/csv-scanner.ts";
import { parseNumber } from "../../lib/csv.ts";
import { keepText } from "../../lib/csv-text.ts";
import { labelFinder } from "../../lib/label.ts";
import { type NumberMarks, readNumberCell } from "../../lib/read-cell.ts";
import type { Finding } from "../../onnx/finding.ts";
import { labelOfCell, listOf } from "./feature.ts";
import type { Feature, FeatureSchema } from "./feature.ts";
import { PackedTexts } from "./packed-texts.ts";
import type {
  BooleanColumn,
  CategoricalColumn,
  LabelColumn,
  NumericColumn,
  TargetColumn,
  TextColumn,
  TrainingColumn,
} from "./training-columns.ts";

/** Fills a column from the rows of a CSV, in order. */
export interface ColumnFiller<Column> {
  readonly column: Column;
  fill(row: number, cells: CsvRow, field: number): void;
  /** What to say about cells that were nothing of the column's kind. */
  notes(): Finding[];
}

// A column of more values than this is no set of categories, and its dictionary would fill the memory.
const CATEGORIES_MAX = 50_000;
const BYTES_PER_CELL = { numeric: 8, boolean: 1, categorical: 4, label: 4, text: 5 } as const;

/** What a row of columns of these kinds takes in memory, beside the texts themselves. */
export function bytesPerRow(kinds: readonly (keyof typeof BYTES_PER_CELL)[]): number {
  return kinds.reduce((sum, kind) => sum + BYTES_PER_CELL[kind], 0);
}

/** The filler of a feature's column of `rows` rows. */
export function featureFiller(feature: Feature, rows: number, marks: NumberMarks): ColumnFiller<TrainingColumn> {
  switch (feature.kind) {
    case "numeric":
      return new NumericFiller(feature.name, rows, marks);
    case "boolean":
      return new BooleanFiller(feature.name, rows);
    case "categorical":
      return new CategoricalFiller(feature.name, rows, feature.categories);
    case "text":
      return new TextFiller(feature.name, rows);
  }
}

/** The filler of the target's column of `rows` rows. */
export function targetFiller(
  target: NonNullable<FeatureSchema["target"]>,
  rows: number,
  marks: NumberMarks,
): ColumnFiller<TargetColumn> {
  return target.kind === "numeric"
    ? new NumericFiller(target.name, rows, marks)
    : new LabelFiller(target.name, rows, target.labels, marks);
}

class NumericFiller implements ColumnFiller<NumericColumn> {
  readonly column: NumericColumn;
  readonly #marks: NumberMarks;
  readonly #misfits: Misfits;

  constructor(name: string, rows: number, marks: NumberMarks) {
    this.column = { name, kind: "numeric", numbers: new Float64Array(rows).fill(Number.NaN) };
    this.#marks = marks;
    this.#misfits = new Misfits(name, "not_a_number", "are not numbers and count as missing");
  }

  fill(row: number, cells: CsvRow, field: number): void {
    if (cells.isEmpty(field)) return;
    const plain = cells.number(field, this.#marks);
    const number = plain ?? readNumberCell(cells.text(field), this.#marks);
    if (number === null || Math.abs(number) === Number.POSITIVE_INFINITY) this.#misfits.add(cells, field);
    else this.column.numbers[row] = number;
  }

  notes(): Finding[] {
    return this.#misfits.notes();
  }
}

class BooleanFiller implements ColumnFiller<BooleanColumn> {
  readonly column: BooleanColumn;
  readonly #spelled = new Set<boolean>();
  readonly #misfits: Misfits;

  constructor(name: string, rows: number) {
    const spelling = { false: "false", true: "true" };
    this.column = { name, kind: "boolean", flags: new Int8Array(rows).fill(-1), spelling };
    this.#misfits = new Misfits(name, "not_a_boolean", "are not true, false, 1 or 0 and count as missing");
  }

  fill(row: number, cells: CsvRow, field: number): void {
    if (cells.isEmpty(field)) return;
    const text = cells.text(field);
    const number = readNumberCell(text, "point", true);
    if (number === null) this.#misfits.add(cells, field);
    if (number === null || Number.isNaN(number)) return;
    const truth = number === 1;
    this.column.flags[row] = truth ? 1 : 0;
    if (this.#spelled.has(truth)) return;
    this.#spelled.add(truth);
    this.column.spelling[truth ? "true" : "false"] = text.trim();
  }

  notes(): Finding[] {
    return this.#misfits.notes();
  }
}

class CategoricalFiller implements ColumnFiller<CategoricalColumn> {
  readonly column: CategoricalColumn;
  readonly #codes: Map<string, number>;
  readonly #stated: number;
  readonly #misfits: Misfits;

  constructor(name: string, rows: number, stated: string[] | null) {
    const dictionary = [...(stated ?? [])];
    this.column = { name, kind: "categorical", codes: new Int32Array(rows).fill(-1), dictionary };
    this.#codes = new Map(dictionary.map((value, code) => [value, code]));
    this.#stated = stated === null ? Number.POSITIVE_INFINITY : dictionary.length;
    this.#misfits = new Misfits(name, "unseen_category", "are not categories of the schema");
  }

  fill(row: number, cells: CsvRow, field: number): void {
    if (cells.isEmpty(field)) return;
    const code = codeOf(cells.text(field), this.#codes, this.column);
    this.column.codes[row] = code;
    if (code >= this.#stated) this.#misfits.add(cells, field);
  }

  notes(): Finding[] {
    return this.#misfits.notes();
  }
}

class TextFiller implements ColumnFiller<TextColumn> {
  readonly column: TextColumn;

  constructor(name: string, rows: number) {
    this.column = { name, kind: "text", texts: new PackedTexts(rows) };
  }

  fill(_row: number, cells: CsvRow, field: number): void {
    this.column.texts.push(cells.isEmpty(field) ? null : cells.text(field));
  }

  notes(): Finding[] {
    return [];
  }
}

/** Of labels: not a code of the dictionary, and not missing either. */
const UNKNOWN = -2;
const LABELS_NAMED = 10;

class LabelFiller implements ColumnFiller<LabelColumn> {
  readonly column: LabelColumn;
  // Of texts as they stand in the file, so that each spelling is looked up once; -1 for what is missing or no known label.
  readonly #codesOfCells = new Map<string, number>();
  readonly #codes: Map<string, number>;
  readonly #find: ReturnType<typeof labelFinder>;
  readonly #unknown = new Set<string>();
  readonly #isNumeric: boolean;
  readonly #marks: NumberMarks;
  readonly #misfits: Misfits;

  constructor(name: string, rows: number, labels: string[], marks: NumberMarks) {
    this.column = { name, kind: "label", codes: new Int32Array(rows).fill(-1), dictionary: [...labels] };
    this.#codes = new Map(labels.map((label, code) => [label, code]));
    this.#find = labelFinder(labels);
    this.#isNumeric = labels.every((label) => parseNumber(label) !== null);
    this.#marks = marks;
    this.#misfits = new Misfits(
      name,
      "unseen_label",
      "have labels that are not in the training reference, and are in none of the metrics",
    );
  }

  fill(row: number, cells: CsvRow, field: number): void {
    if (cells.isEmpty(field)) return;
    const text = cells.text(field);
    let code = this.#codesOfCells.get(text);
    if (code === undefined) {
      const label = labelOfCell(text, this.#isNumeric, this.#marks);
      code = label === null ? -1 : (this.#codes.get(this.#find(label) ?? "") ?? UNKNOWN);
      if (this.#codesOfCells.size < CATEGORIES_MAX) this.#codesOfCells.set(keepText(text), code);
    }
    if (code === UNKNOWN) this.#addUnknown(text, cells, field);
    else this.column.codes[row] = code;
  }

  notes(): Finding[] {
    const names = [...this.#unknown];
    return this.#misfits.notes().map((note) => ({ ...note, message: `${note.message} Labels: ${listOf(names)}.` }));
  }

  #addUnknown(text: string, cells: CsvRow, field: number): void {
    this.#misfits.add(cells, field);
    if (this.#unknown.size < LABELS_NAMED) this.#unknown.add(keepText(text.trim().slice(0, 40)));
  }
}

/** The code of a text in the dictionary of its column, to which it is added when it is new. */
function codeOf(text: string, codes: Map<string, number>, column: { name: string; dictionary: string[] }): number {
  const known = codes.get(text);
  if (known !== undefined) return known;
  const code = column.dictionary.length;
  if (code === CATEGORIES_MAX) {
    throw new AppError(
      "invalid_input",
      `Column ${column.name} has more than ${CATEGORIES_MAX.toLocaleString("en-US")} different values, too many for categories. State its kind as text in the schema, or list it under not_features.`,
    );
  }
  const kept = keepText(text);
  column.dictionary.push(kept);
  codes.set(kept, code);
  return code;
}

/** Counts cells of a column that are not what its kind asks for. */
class Misfits {
  readonly #name: string;
  readonly #code: string;
  readonly #what: string;
  #count = 0;
  #first = "";

  constructor(name: string, code: string, what: string) {
    this.#name = name;
    this.#code = code;
    this.#what = what;
  }

  add(cells: CsvRow, field: number): void {
    if (this.#count === 0) this.#first = `"${keepText(cells.text(field).slice(0, 40))}" on line ${cells.line}`;
    this.#count++;
  }

  notes(): Finding[] {
    if (this.#count === 0) return [];
    const message = `In column ${this.#name}, ${this.#count.toLocaleString("en-US")} cells ${this.#what}. First: ${this.#first}.`;
    return [{ level: "warning", code: this.#code, message }];
  }
}
