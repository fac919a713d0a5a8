import type { ShownCell } from "../../lib/cell-evidence.ts";
import type { CsvRow } from "../../lib/csv-scanner.ts";
import { keepText } from "../../lib/csv-text.ts";
import type { ColumnMarks } from "../../lib/decide-marks.ts";
import { isMissingMarker, isTrueOrFalse, readTruth } from "../../lib/read-cell.ts";
import type { Finding } from "../../onnx/finding.ts";
import type { FeatureKind } from "./feature.ts";
import type { UnreadableCells } from "./unreadable-cells.ts";

// A column of at least so many cells, of which at least this share are numbers, is numeric with damaged cells.
const NEARLY_CELLS_MIN = 100;
const NEARLY_SHARE = 0.99;
/** From this share of numbers on, a column that is not numeric is perhaps meant to be. */
const MOSTLY_SHARE = 0.8;
const SHOWN_CHARACTERS = 40;

/** What a pass over the file says about the cells of a column; empty cells are in none of the counts. */
export class ColumnEvidence {
  numbers = 0;
  /** NA, ?, - and the like, and blanks. */
  markers = 0;
  /** true and false in any case. */
  truths = 0;
  others = 0;
  #isZeroOne = true;
  #firstTruth: ShownCell | null = null;
  #firstOther: ShownCell | null = null;
  /** Others that say yes, no and the like, and the first one that does not. */
  #words = 0;
  #firstNoWord: ShownCell | null = null;
  #firstNumber: ShownCell | null = null;

  add(row: CsvRow, field: number, { marks }: ColumnMarks): void {
    if (row.isEmpty(field)) return;
    const number = row.number(field, marks);
    if (number !== null && Number.isFinite(number)) {
      this.numbers++;
      if (number !== 0 && number !== 1) {
        this.#isZeroOne = false;
        this.#firstNumber ??= shown(row, field);
      }
      return;
    }
    const text = row.text(field);
    if (isMissingMarker(text)) this.markers++;
    else if (isTrueOrFalse(text)) {
      this.#firstTruth ??= shown(row, field);
      this.truths++;
    } else {
      this.#firstOther ??= shown(row, field);
      this.others++;
      if (readTruth(text) === null) this.#firstNoWord ??= shown(row, field);
      else this.#words++;
    }
  }

  /** Numeric or boolean by the cells alone; null where the distinct values decide. A column without values is numeric. */
  kind(): FeatureKind | null {
    const { numbers, truths, others } = this;
    if (truths + others === 0) return "numeric";
    if (others === 0 && this.#isZeroOne) return "boolean";
    const cells = numbers + truths + others;
    return cells >= NEARLY_CELLS_MIN && numbers / cells >= NEARLY_SHARE ? "numeric" : null;
  }

  /** The first cell that is neither a number nor a missing marker, for a message: `line 7 has "n.b."`. */
  firstOther(): string {
    const first = this.#firstOther ?? this.#firstTruth;
    return first === null ? "" : cellWords(first);
  }

  /** The cells that count as missing because they cannot be read as what the column is; null: all can. */
  unreadable(kind: FeatureKind): UnreadableCells | null {
    if (kind === "numeric") return this.#firstOther && { count: this.others, first: this.#firstOther };
    if (kind !== "boolean") return null;
    const first = [this.#firstNoWord, this.#firstNumber].filter((cell) => cell !== null);
    const [earliest] = first.toSorted((one, other) => one.line - other.line);
    const count = this.others - this.#words + (this.#isZeroOne ? 0 : this.numbers);
    return earliest && count > 0 ? { count, first: earliest } : null;
  }

  /** Of a column that is not numeric although most of its cells are numbers: the first one that is none. */
  notNumeric(kind: FeatureKind): ShownCell | null {
    const cells = this.numbers + this.truths + this.others;
    const isMostly = (kind === "text" || kind === "categorical") && this.numbers >= MOSTLY_SHARE * cells;
    return isMostly && cells > 0 ? this.#firstOther : null;
  }

  /** What to say about the column `name` when it is read as `kind`. */
  notes(name: string, kind: FeatureKind): Finding[] {
    const notes: Finding[] = [];
    const values = this.numbers + this.truths + this.others;
    if (values + this.markers === 0 || (values === 0 && kind === "numeric")) {
      notes.push(note("warning", "column_empty", `Column ${name} has no value in any row; it counts as ${kind}.`));
      return notes;
    }
    if (this.markers > 0 && (kind === "numeric" || kind === "boolean")) {
      const message = `Column ${name} is ${kind}: cells that are blank or say NA, ?, - or the like count as missing (${counted(this.markers)}).`;
      notes.push(note("info", "missing_markers", message));
    }
    const unreadable = this.unreadable(kind);
    if (unreadable && kind === "numeric") {
      const message = `Column ${name} is numeric, but ${counted(unreadable.count)} of its cells are not numbers and count as missing: ${cellWords(unreadable.first)}. Correct them, or state another kind in the schema.`;
      notes.push(note("warning", "not_a_number", message));
    }
    if (unreadable && kind === "boolean") {
      const message = `Column ${name} is boolean, but ${counted(unreadable.count)} of its cells are not true, false, 1 or 0 and count as missing: ${cellWords(unreadable.first)}.`;
      notes.push(note("warning", "not_a_boolean", message));
    }
    const odd = this.notNumeric(kind);
    if (odd) {
      const message = `Column ${name} is ${kind}, although ${counted(this.numbers)} of its ${counted(values)} cells are numbers: ${cellWords(odd)}, which is none. Correct it, or state the kind numeric in the schema, so that it counts as missing.`;
      notes.push(note("warning", "mostly_numbers", message));
    }
    return notes;
  }
}

/** What to say of how the numbers of a column are written, where that is not plain. */
export function marksNotes(name: string, { marks, grouped, unclear }: ColumnMarks): Finding[] {
  const notes: Finding[] = [];
  if (grouped) {
    const decimals = marks.startsWith("comma") ? "a comma before decimals" : "a point before decimals";
    const message = `Column ${name} has numbers with thousands in groups (${counted(grouped.count)}; ${cellWords(grouped.first)}): they are read with ${decimals}.`;
    notes.push(note("info", "grouped_numbers", message));
  }
  if (unclear) {
    const message = `The file writes decimals with points here and with commas there, so that numbers of column ${name} may be read wrongly (${counted(unclear.count)}; ${cellWords(unclear.first)}). Write all decimals in the same way.`;
    notes.push(note("warning", "unclear_numbers", message));
  }
  return notes;
}

/** A cell in a sentence. */
export function cellWords({ line, text }: ShownCell): string {
  return `line ${line} has "${text}"`;
}

function shown(row: CsvRow, field: number): ShownCell {
  return { line: row.line, text: keepText(row.text(field).trim().slice(0, SHOWN_CHARACTERS)) };
}

function counted(count: number): string {
  return count.toLocaleString("en-US");
}

function note(level: Finding["level"], code: string, message: string): Finding {
  return { level, code, message };
}
