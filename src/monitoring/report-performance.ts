import { readSpan } from "./read-span.ts";
import type { Database } from "../db.ts";
import type { Task } from "../engine/serving-plan.ts";
import { canonicalLabel } from "../lib/label.ts";
import type { LabelledAnswer, LabelledRecords } from "../inference/records/labelled-records.ts";
import { listLabelled } from "../inference/read/list-labelled.ts";
import { confidenceName, type ModelRole } from "../windows/answer-counts.ts";
import { mergeWindows } from "../windows/merge-windows.ts";
import type { Monitored } from "./monitored.ts";
import { type EstimatedPerformance, estimatePerformance } from "./performance/estimate-performance.ts";
import type { LabelAnswers, LabelledRows } from "./performance/labelled-rows.ts";
import { measureCalibration, type ModelCalibration } from "./performance/measure-calibration.ts";
import {
  measurePerformance,
  type Performance,
  performanceOverTime,
  type PerformancePoint,
} from "./performance/measure-performance.ts";
import { type Verdict, verdict } from "./performance/verdict.ts";
import { pairedVersions } from "./report-comparison.ts";
import type { TimeSpan } from "./time-span.ts";

/** The answer of GET .../monitoring/performance. */
export interface PerformanceReport extends Performance {
  /** False where there are older labels than were looked at. */
  complete: boolean;
  /** Null without a challenger. */
  verdict: Verdict | null;
  series: PerformancePoint[];
  calibration: { main: ModelCalibration | null; challenger: ModelCalibration | null };
  /** What is to be expected before labels come, by how sure the models are; null where that cannot be said. */
  estimated: { rows: number; main: EstimatedPerformance | null; challenger: EstimatedPerformance | null };
}

/** Labelled rows that are looked at: metrics of more would take longer than a page may. */
const ROWS_MAX = 50_000;

/**
 * How well both models did on the rows of a span whose actuals are known, over all versions that pair them; and before that, how well
 * they are likely to do.
 */
export async function reportPerformance(
  { env, db }: { env: Env; db: Database },
  monitored: Monitored,
  span: TimeSpan,
): Promise<PerformanceReport> {
  const { deployment, challenger } = monitored;
  const versions = await pairedVersions(db, monitored, span.version);
  const filter = { fromMs: span.fromMs, toMs: span.toMs, source: span.source, limit: ROWS_MAX };
  const [labelled, { windows }] = await Promise.all([
    listLabelled(env, db, deployment.id, versions, filter),
    readSpan({ env, db }, monitored, span, ["answers"]),
  ]);
  const rows = labelledRows(deployment.task, labelled, challenger !== null);
  const merged = mergeWindows(windows.filter(({ version }) => versions.includes(version)));
  const estimateOf = (role: ModelRole): EstimatedPerformance | null => {
    const model = monitored[role];
    const counted = model && merged.answers.get(confidenceName(role, model.id));
    const calibration = model?.reference?.calibration;
    return counted && calibration ? estimatePerformance([...counted], calibration) : null;
  };
  return {
    ...measurePerformance(rows),
    complete: !labelled.more,
    verdict: challenger && verdict(rows),
    series: performanceOverTime(rows, span.bucket),
    calibration: {
      main: measureCalibration(rows, "main"),
      challenger: challenger && measureCalibration(rows, "challenger"),
    },
    estimated: { rows: merged.rows, main: estimateOf("main"), challenger: estimateOf("challenger") },
  };
}

/** Labelled records column by column, as the statistics read them. */
export function labelledRows(task: Task, { rows, classLabels }: LabelledRecords, hasChallenger: boolean): LabelledRows {
  const at = Float64Array.from(rows, (row) => row.at);
  if (task === "regression") {
    const numbers = (role: ModelRole) => ({
      prediction: Float64Array.from(rows, (row) => {
        const value = row[role]?.prediction;
        return typeof value === "number" ? value : Number.NaN;
      }),
    });
    return {
      task,
      at,
      actual: Float64Array.from(rows, ({ actual }) => Number(actual)),
      main: numbers("main"),
      challenger: hasChallenger ? numbers("challenger") : null,
    };
  }
  return {
    task,
    at,
    actual: rows.map(({ actual }) => canonicalLabel(actual)),
    main: labelAnswers(
      rows.map(({ main }) => main),
      classLabels.main,
    ),
    challenger: hasChallenger
      ? labelAnswers(
          rows.map(({ challenger }) => challenger),
          classLabels.challenger,
        )
      : null,
  };
}

function labelAnswers(answers: readonly (LabelledAnswer | null)[], classLabels: string[] | null): LabelAnswers {
  const width = classLabels?.length ?? 0;
  const hasProbabilities = classLabels !== null && answers.some((answer) => answer?.probabilities);
  const probabilities = new Float64Array(hasProbabilities ? answers.length * width : 0).fill(Number.NaN);
  if (hasProbabilities) {
    answers.forEach((answer, row) => {
      answer?.probabilities?.forEach((value, column) => {
        probabilities[row * width + column] = value ?? Number.NaN;
      });
    });
  }
  return {
    prediction: answers.map((answer) => {
      const value = answer?.prediction ?? null;
      return value === null || typeof value === "object" ? null : canonicalLabel(value);
    }),
    probabilities: hasProbabilities ? probabilities : null,
    classLabels,
  };
}
