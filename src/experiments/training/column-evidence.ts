import type { CsvRow } from "../../lib/csv-scanner.ts";
import { keepText } from "../../lib/csv-text.ts";
import type { Finding } from "../../onnx/finding.ts";
import { isMissingMarker, truthOf } from "./feature.ts";
import type { FeatureKind } from "./feature.ts";

// A column of at least so many cells, of which at least this share are numbers, is numeric with damaged cells.
const NEARLY_CELLS_MIN = 100;
const NEARLY_SHARE = 0.99;
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
  #firstOther: { text: string; line: number } | null = null;

  add(row: CsvRow, field: number, decimalComma: boolean): void {
    if (row.isEmpty(field)) return;
    const number = row.number(field, decimalComma);
    if (number !== null) {
      this.numbers++;
      if (number !== 0 && number !== 1) this.#isZeroOne = false;
      return;
    }
    const text = row.text(field);
    if (isMissingMarker(text)) this.markers++;
    else {
      this.#firstOther ??= { text: keepText(text.slice(0, SHOWN_CHARACTERS)), line: row.line };
      if (truthOf(text) === null) this.others++;
      else this.truths++;
    }
  }

  /** Numeric or boolean by the cells alone; null where the distinct values decide. A column without values is numeric. */
  kind(): FeatureKind | null {
    const { numbers, markers, truths, others } = this;
    if (truths + others === 0) return "numeric";
    if (numbers + markers + others === 0) return "boolean";
    const cells = numbers + truths + others;
    return cells >= NEARLY_CELLS_MIN && numbers / cells >= NEARLY_SHARE ? "numeric" : null;
  }

  /** The first cell that is neither a number nor a missing marker, for a message: `line 7 has "n.b."`. */
  firstOther(): string {
    return this.#firstOther === null ? "" : `line ${this.#firstOther.line} has "${this.#firstOther.text}"`;
  }

  /** What to say about the column `name` when it is read as `kind`. */
  notes(name: string, kind: FeatureKind): Finding[] {
    const notes: Finding[] = [];
    const values = this.numbers + this.truths + this.others;
    if (values + this.markers === 0 || (values === 0 && kind === "numeric")) {
      notes.push(note("warning", "column_empty", `Column ${name} has no value in any row; it counts as ${kind}.`));
    } else if (kind === "numeric") {
      if (this.markers > 0) {
        const message = `Column ${name} is numeric: cells that are blank or say NA, ?, - or the like count as missing (${this.markers.toLocaleString("en-US")}).`;
        notes.push(note("info", "missing_markers", message));
      }
      const bad = this.truths + this.others;
      if (bad > 0) {
        const message = `Column ${name} is numeric, but ${bad.toLocaleString("en-US")} of its cells are not numbers and count as missing: ${this.firstOther()}. Correct them, or state another kind in the schema.`;
        notes.push(note("warning", "not_a_number", message));
      }
    } else if (kind === "boolean") {
      const bad = this.others + this.markers + (this.#isZeroOne ? 0 : this.numbers);
      if (bad > 0) {
        const message = `Column ${name} is boolean, but some of its cells are not true, false, 1 or 0 and count as missing.`;
        notes.push(note("warning", "not_a_boolean", message));
      }
    }
    return notes;
  }
}

function note(level: Finding["level"], code: string, message: string): Finding {
  return { level, code, message };
}
