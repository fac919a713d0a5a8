import type { Database } from "../db.ts";
import type { Task } from "../engine/serving-plan.ts";
import { canonicalLabel } from "../lib/label.ts";
import type { LabelledAnswer, LabelledRecords } from "../inference/records/labelled-records.ts";
import { DAY_MS } from "../lib/time.ts";
import { calibratedName, type ModelRole } from "../windows/answer-counts.ts";
import { type Merged, mergeWindows } from "../windows/merge-windows.ts";
import { readWindows } from "../windows/read-windows.ts";
import { addTally } from "../windows/tally.ts";
import { comparedJson, type ComparedVersions, comparedVersions } from "./compared-versions.ts";
import { listCompared } from "./list-compared.ts";
import type { Monitored } from "./monitored.ts";
import { estimateModel, type ModelEstimate } from "./performance/estimate-model.ts";
import { type LabelAnswers, type LabelledRows, rowsAt } from "./performance/labelled-rows.ts";
import { measureCalibration, type ModelCalibration } from "./performance/measure-calibration.ts";
import {
  measurePerformance,
  type Performance,
  performanceOverTime,
  type PerformancePoint,
} from "./performance/measure-performance.ts";
import { type Verdict, verdict } from "./performance/verdict.ts";
import type { TimeSpan } from "./time-span.ts";

/** The answer of GET .../monitoring/performance. */
export interface PerformanceReport extends Performance {
  /** False where there are older labels than were looked at. */
  complete: boolean;
  /** The versions whose rows these are; see comparedVersions. */
  versions: ReturnType<typeof comparedJson>;
  /** Null without a challenger. */
  verdict: Verdict | null;
  series: PerformancePoint[];
  calibration: { main: ModelCalibration | null; challenger: ModelCalibration | null };
  /** What is to be expected before labels come, by how sure the models are. Null of other tasks than classification. */
  estimated: { rows: number; main: ModelEstimate | null; challenger: ModelEstimate | null };
}

/** Labelled rows that are looked at: metrics of more would take longer than a page may. */
const ROWS_MAX = 50_000;
/** Labels come late: where a span has few, those of the 30 days before its end say whether an estimate holds. */
const CHECK_MS = 30 * DAY_MS;
const CHECK_ROWS_MIN = 200;
const CHECK_ROWS_MAX = 5000;

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
  const compared = await comparedVersions(db, monitored, span);
  const filter = { fromMs: span.fromMs, toMs: span.toMs, source: span.source, limit: ROWS_MAX };
  const [labelled, merged] = await Promise.all([
    listCompared(env, db, deployment.id, compared, filter),
    readCompared({ env, db }, monitored, span, compared),
  ]);
  const rows = labelledRows(deployment.task, labelled, hasChallenger(compared));
  const paired = labelled.isPaired.flatMap((isPaired, row) => (isPaired ? [row] : []));
  const pairRows = paired.length === labelled.rows.length ? rows : rowsAt(rows, paired);
  const isEstimated = deployment.task !== "regression" && deployment.task !== "anomaly_detection";
  const checked = isEstimated && paired.length < CHECK_ROWS_MIN ? await earlierRows() : pairRows;

  async function earlierRows(): Promise<LabelledRows> {
    const before = { ...filter, fromMs: Math.min(span.fromMs, span.toMs - CHECK_MS), limit: CHECK_ROWS_MAX };
    const pairs = compared.filter(({ pair }) => pair !== "other");
    return labelledRows(
      deployment.task,
      await listCompared(env, db, deployment.id, pairs, before),
      challenger !== null,
    );
  }

  const estimateOf = (role: ModelRole): ModelEstimate | null => {
    const model = monitored[role];
    if (!model || !isEstimated) return null;
    const counts = sumOf(ROLES.flatMap((as) => merged.answers.get(calibratedName(as, model.id)) ?? []));
    return estimateModel({ counts, reference: model.reference, labelled: checked, role });
  };
  return {
    ...measurePerformance(rows),
    complete: !labelled.more,
    versions: comparedJson(compared),
    verdict: challenger && verdict(pairRows),
    series: performanceOverTime(rows, span.bucket),
    calibration: {
      main: measureCalibration(rows, "main"),
      challenger: rows.challenger && measureCalibration(rows, "challenger"),
    },
    estimated: { rows: merged.rows, main: estimateOf("main"), challenger: estimateOf("challenger") },
  };
}

const ROLES = ["main", "challenger"] as const;

function hasChallenger(compared: readonly ComparedVersions[]): boolean {
  return compared.some(({ challenger }) => challenger !== null);
}

/** Counts of the same bins added up; null for none. */
function sumOf(counts: readonly Float64Array[]): Float64Array | null {
  const [first, ...others] = counts;
  if (!first) return null;
  const sum = Float64Array.from(first);
  for (const other of others) addTally(sum, other);
  return sum;
}

/** What was counted of the answers of the compared versions. */
async function readCompared(
  { env, db }: { env: Env; db: Database },
  { deployment }: Monitored,
  { bucket, fromMs, toMs, source, version }: TimeSpan,
  compared: readonly ComparedVersions[],
): Promise<Merged> {
  const query = { deploymentId: deployment.id, currentVersion: deployment.currentVersion, referenceId: null };
  const { windows } = await readWindows(env, db, { ...query, span: bucket, fromMs, toMs, source, version }, [
    "answers",
  ]);
  const numbers = new Set(compared.flatMap((group) => group.numbers));
  return mergeWindows(windows.filter((window) => numbers.has(window.version)));
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
