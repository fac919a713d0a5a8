import type { Answers, OutputValue } from "../../engine/read-answers.ts";
import type { ModelRole } from "../../engine/sessions.ts";
import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import { largeChunks } from "../../lib/large-chunks.ts";
import { readCsvPiece } from "../../lib/csv-stream.ts";
import { noOutputs, place } from "../host/challenger-slices.ts";
import type { SegmentOutputs } from "../records/challenger-log.ts";
import type { PackedRows } from "../spec/packed-rows.ts";
import { unpackRows } from "../spec/packed-rows.ts";
import type { Segment } from "../records/segment.ts";
import type { ServingSpec } from "../spec/serving-spec.ts";
import { parseBatchPredictionId } from "./batch-prediction-id.ts";
import { BatchReader } from "./batch-reader.ts";
import { rangeKey, type ResultBlock, type ResultFile, type RunResult } from "./run-result.ts";

/** The records of one block of a result, in the form in which hosts keep theirs. */
export interface BlockRecords {
  /** Its id is the place of the block among those of the result, from 1. */
  segment: Segment;
  /** Null: the version has no challenger. */
  outputs: SegmentOutputs | null;
  /** The place of each row among those of the source. */
  rowNumbers: number[];
}

/** Reads the records of the block at `ordinal` (from 0) out of the files of a run. Throws where the files are gone. */
export async function readBlock(
  store: R2Bucket,
  spec: ServingSpec,
  result: RunResult,
  ordinal: number,
): Promise<BlockRecords | null> {
  const block = result.main.blocks[ordinal];
  if (!block) return null;
  const source = result.main.columns.filter(({ role }) => role === "source").map(({ name }) => name);
  const reader = new BatchReader(spec, { columns: source, marks: [] });
  const main = await readLines(store, result, "main", [block], reader);
  const segment: Segment = {
    id: ordinal + 1,
    at: result.at,
    source: "batch",
    rows: unpackRows(spec.features, main.packed),
    calls: 0,
    latencyMs: [],
    main: { count: main.rowNumbers.length, ...main.answers },
  };
  const outputs = result.challenger && (await readShadow(store, result, ordinal, main.rowNumbers));
  return { segment, outputs: outputs && { segment: segment.id, ...outputs }, rowNumbers: main.rowNumbers };
}

/** What the challenger said of the rows of a block; rows that its file lacks it has not answered. */
async function readShadow(
  store: R2Bucket,
  result: RunResult,
  ordinal: number,
  rowNumbers: readonly number[],
): Promise<Omit<SegmentOutputs, "segment">> {
  const outputs = noOutputs(rowNumbers.length, "error", "it did not answer this row: the errors file says why");
  const from = result.main.blocks[ordinal]?.firstRow ?? 0;
  const to = result.main.blocks[ordinal + 1]?.firstRow ?? Number.POSITIVE_INFINITY;
  const blocks = result.challenger?.blocks.filter(({ firstRow }) => firstRow >= from && firstRow < to) ?? [];
  if (blocks.length === 0) return outputs;
  const { answers, rowNumbers: answered } = await readLines(store, result, "challenger", blocks, null);
  const places = new Map(rowNumbers.map((row, index) => [row, index]));
  place(
    outputs,
    answered.map((row) => places.get(row) ?? -1),
    { count: answered.length, ...answers },
  );
  return outputs;
}

interface ReadLines {
  packed: PackedRows[];
  answers: Omit<Answers, "count">;
  rowNumbers: number[];
}

/** Blocks of one range that lie one behind the other; the features are read where there is a reader for them. */
async function readLines(
  store: R2Bucket,
  result: RunResult,
  role: ModelRole,
  blocks: readonly ResultBlock[],
  reader: BatchReader | null,
): Promise<ReadLines> {
  const file = role === "main" ? result.main : result.challenger;
  const [first] = blocks;
  if (!file || !first) throw new Error(`the run ${result.runId} has no such lines`);
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  const object = await store.get(rangeKey(result.runId, first.range, role), {
    range: { offset: first.offset, length },
  });
  if (!object) throw new Error(`the ${role} file of ${result.runId} is gone`);
  const columns = new AnswerColumns(file);
  const packed: PackedRows[] = [];
  const piece = { columns: file.columns.length, delimiter: ",", marks: [], firstLine: 1 };
  for await (const batch of readCsvPiece(largeChunks(object.body), piece, reader?.numeric ?? [])) {
    if (reader) packed.push(reader.read(batch, 0, batch.rows).rows);
    columns.add(batch);
  }
  return { packed, answers: columns.answers, rowNumbers: columns.rowNumbers };
}

/** The columns that a run has added, read back as answers. */
class AnswerColumns {
  readonly answers: Omit<Answers, "count">;
  readonly rowNumbers: number[] = [];
  readonly #id: number;
  readonly #prediction: number;
  readonly #isNumber: boolean;
  readonly #probabilities: number[];
  readonly #extra: [name: string, column: number][];

  constructor({ columns }: ResultFile) {
    const placesOf = (wanted: string) => columns.flatMap(({ role }, index) => (role === wanted ? [index] : []));
    this.#id = placesOf("prediction_id")[0] ?? -1;
    this.#prediction = placesOf("prediction")[0] ?? -1;
    this.#isNumber = columns[this.#prediction]?.type === "number";
    this.#probabilities = placesOf("probability");
    this.#extra = placesOf("extra").map((column) => [columns[column]?.name ?? "", column]);
    const labels = this.#probabilities.map((column) => columns[column]?.name.slice("probability_".length) ?? "");
    this.answers = {
      predictions: [],
      probabilities: labels.length > 0 ? [] : null,
      classLabels: labels.length > 0 ? labels : null,
      extra: Object.fromEntries(this.#extra.map(([name]) => [name, []])),
    };
  }

  add(batch: CsvBatch): void {
    const { predictions, probabilities, extra } = this.answers;
    for (let row = 0; row < batch.rows; row += 1) {
      this.rowNumbers.push(parseBatchPredictionId(batch.text(row, this.#id))?.row ?? -1);
      predictions.push(valueOf(batch.text(row, this.#prediction), this.#isNumber));
      for (const column of this.#probabilities) probabilities?.push(batch.number(row, column));
      for (const [name, column] of this.#extra) extra[name]?.push(valueOf(batch.text(row, column), true));
    }
  }
}

/** A cell as it was answered: several numbers are written as JSON. */
function valueOf(text: string, mayBeNumber: boolean): OutputValue {
  if (text === "") return null;
  if (text.startsWith("[") && text.endsWith("]")) {
    try {
      return JSON.parse(text) as OutputValue;
    } catch {
      // A label that only looks like a list.
      return text;
    }
  }
  const number = mayBeNumber ? Number(text) : Number.NaN;
  return Number.isNaN(number) ? text : number;
}
