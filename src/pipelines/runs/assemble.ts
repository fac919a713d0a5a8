import type { FeatureCells } from "../../inference/batch/cell-tally.ts";
import { headerLine, lineOf } from "../../inference/batch/result-csv.ts";
import { addedColumns, type AnswerShape } from "../../inference/batch/result-lines.ts";
import { type ResultColumn, type ResultFile, type RunResult } from "../../inference/batch/run-result.ts";
import { addWindow, emptyWindow, type Window } from "../../windows/counts.ts";
import { joinCells } from "./cell-warnings.ts";
import { type PlannedShapes, withPlanned } from "./planned-shape.ts";
import { loadCounts, type RangeLines, readReport } from "./range-files.ts";

/** A run whose ranges have all been predicted. */
export interface PredictedRun {
  runId: string;
  deploymentId: string;
  version: number;
  /** When it began, UTC ms. */
  at: number;
  sourceColumns: ResultColumn[];
  ranges: number;
  /** By these the files have their columns where no row was answered. */
  shapes: PlannedShapes;
}

/**
 * Puts together what the ranges of a run have written: which lines make the files of both models and that of the errors, and what was
 * counted of the rows and read of their cells. The lines themselves stay where they are. Writes nothing.
 */
export async function assemble(
  store: R2Bucket,
  run: PredictedRun,
): Promise<{ result: RunResult; window: Window; cells: FeatureCells[] }> {
  const { runId, deploymentId, version, at } = run;
  const window = emptyWindow();
  const main: RangeLines[] = [];
  const challenger: RangeLines[] = [];
  const errors: { rows: number; bytes: number }[] = [];
  const cells: FeatureCells[][] = [];
  let rows = 0;
  for (let index = 0; index < run.ranges; index += 1) {
    const report = await readReport(store, runId, index);
    if (!report) throw new Error(`range ${index} of ${runId} has no report`);
    addWindow(window, loadCounts(report.counts));
    rows += report.rows;
    main.push(report.main);
    if (report.challenger) challenger.push(report.challenger);
    errors.push(report.errors);
    cells.push(report.cells ?? []);
  }
  const result: RunResult = {
    runId,
    deploymentId,
    version,
    at,
    rows,
    main: fileOf(run, main, run.shapes.main),
    challenger: run.shapes.challenger && fileOf(run, challenger, run.shapes.challenger),
    errors: {
      rows: errors.reduce((sum, range) => sum + range.rows, 0),
      bytes: 0,
      ranges: errors.map(({ bytes }) => bytes),
    },
  };
  result.errors.bytes = headerLine(result, "errors").length + sumOf(result.errors.ranges);
  return { result, window, cells: joinCells(cells) };
}

function fileOf({ sourceColumns }: PredictedRun, lines: readonly RangeLines[], planned: AnswerShape): ResultFile {
  const seen = lines.reduce<AnswerShape | null>((before, range) => joined(before, range.shape), null);
  const shape = withPlanned(seen, planned);
  const names = sourceColumns.map(({ name }) => name);
  const columns = [...sourceColumns, ...addedColumns(shape, names)];
  const ranges = lines.map(({ bytes }) => bytes);
  return {
    columns,
    rows: lines.reduce((sum, range) => sum + range.rows, 0),
    bytes: lineOf(columns.map(({ name }) => name)).length + sumOf(ranges),
    ranges,
    blocks: lines.flatMap(({ blocks }) => blocks),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Predictions are numbers only where those of all ranges are. */
function joined(before: AnswerShape | null, next: AnswerShape | null): AnswerShape | null {
  if (!before || !next) return before ?? next;
  const kinds = [before.predictions, next.predictions].filter((kind) => kind !== null);
  return {
    classLabels: before.classLabels ?? next.classLabels,
    extra: before.extra.length > 0 ? before.extra : next.extra,
    predictions: kinds.includes("text") ? "text" : (kinds[0] ?? null),
  };
}
