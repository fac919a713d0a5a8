import type { Answers, OutputValue } from "../../engine/read-answers.ts";
import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import type { ResultColumn } from "./run-result.ts";
import { csvField } from "../../lib/csv-line.ts";

/** What the answers of a model look like, as far as rows of them have been seen. */
export interface AnswerShape {
  classLabels: string[] | null;
  /** Further outputs, by name. */
  extra: string[];
  /** Null: no prediction has been seen but empty ones. */
  predictions: "number" | "text" | null;
}

/** The shape of answers, and of those that were seen before. */
export function answerShape(answers: Omit<Answers, "count">, before: AnswerShape | null): AnswerShape {
  const seen = answers.predictions.find((value) => value !== null);
  const kind = seen === undefined ? null : typeof seen === "number" ? "number" : "text";
  return {
    classLabels: answers.classLabels ?? before?.classLabels ?? null,
    extra: before && before.extra.length > 0 ? before.extra : Object.keys(answers.extra),
    predictions: kind ?? before?.predictions ?? null,
  };
}

/** The columns that answers of a shape add to those of the source. Further outputs whose name is taken are left out. */
export function addedColumns(shape: AnswerShape | null, taken: readonly string[]): ResultColumn[] {
  const added: ResultColumn[] = [
    { name: "prediction_id", type: "text", role: "prediction_id" },
    { name: "prediction", type: shape?.predictions ?? "text", role: "prediction" },
  ];
  for (const label of shape?.classLabels ?? [])
    added.push({ name: `probability_${label}`, type: "number", role: "probability" });
  const names = new Set([...taken, ...added.map(({ name }) => name)]);
  for (const name of shape?.extra ?? []) if (!names.has(name)) added.push({ name, type: "text", role: "extra" });
  return added;
}

/** How the cells of a source are passed on. */
export interface PassedSource {
  columns: number;
  delimiter: string;
  /** Columns, from 0, of numbers that are written with a comma or in groups: these leave with a point and without groups. */
  rewritten: ReadonlySet<number>;
}

/** The lines of a result file, one after the other, in memory that is used again. */
export class ResultLines {
  readonly #source: PassedSource;
  #bytes = new Uint8Array(262_144);
  #length = 0;

  constructor(source: PassedSource) {
    this.#source = source;
  }

  /** What has been added since `clear`; to be read before more is added. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Adds a row of the source and what was answered to it; `extra` names the further outputs that have a column. */
  add(batch: CsvBatch, row: number, id: string, answers: Omit<Answers, "count">, index: number, extra: string[]): void {
    if (this.#source.delimiter === "," && this.#source.rewritten.size === 0) this.#addBytes(batch.raw(row));
    else this.#addText(this.#cells(batch, row));
    let line = `,${id},${cellOf(answers.predictions[index] ?? null)}`;
    const width = answers.classLabels?.length ?? 0;
    for (let label = 0; label < width; label += 1) {
      const probability = answers.probabilities?.[index * width + label] ?? null;
      line += probability === null ? "," : `,${probability}`;
    }
    for (const name of extra) line += `,${cellOf(answers.extra[name]?.[index] ?? null)}`;
    this.#addText(`${line}\n`);
  }

  #cells(batch: CsvBatch, row: number): string {
    let line = "";
    for (let column = 0; column < this.#source.columns; column += 1) {
      const number = this.#source.rewritten.has(column) ? batch.number(row, column) : null;
      if (column > 0) line += ",";
      line += number === null || !Number.isFinite(number) ? csvField(batch.text(row, column)) : String(number);
    }
    return line;
  }

  #addBytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #addText(text: string): void {
    this.#makeRoom(text.length * 3);
    const start = this.#length;
    // Nearly all of it is ASCII, and an encoder costs more for a short text than the text does.
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code < 0x80) {
        this.#bytes[start + at] = code;
        continue;
      }
      this.#length = start + at + utf8.encodeInto(text.slice(at), this.#bytes.subarray(start + at)).written;
      return;
    }
    this.#length = start + text.length;
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + bytes));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

const utf8 = new TextEncoder();

function cellOf(value: OutputValue): string {
  if (value === null) return "";
  if (typeof value === "string") return csvField(value);
  return Array.isArray(value) ? csvField(JSON.stringify(value)) : String(value);
}
