import { database } from "../../../db.ts";
import { METRICS_AT_A_GLANCE } from "../../../experiments/metrics/metric-facts.ts";
import type { AppContext } from "../../../http.ts";
import { iso } from "../../../lib/time.ts";
import { formatNumber, plural } from "../../../lib/format.ts";
import { csvText } from "../csv-view.ts";
import { type MonitoringView, monitoringView } from "../view.ts";
import { DIFFERING_MIN, PAIRS_MIN } from "../../../monitoring/performance/confidence-sequence.ts";
import { monitoredVersion } from "../../../monitoring/monitored-version.ts";
import type { Interval } from "../../../monitoring/performance/intervals.ts";
import type { PerformancePoint } from "../../../monitoring/performance/measure-performance.ts";
import type { Verdict } from "../../../monitoring/performance/verdict.ts";
import { type PerformanceReport, reportPerformance } from "../../../monitoring/report-performance.ts";
import { bucketStarts } from "../span-view.ts";

/** What the page of performance shows, as plain data. */
export interface PerformanceView extends MonitoringView {
  report: PerformanceReport;
  /** What both models are measured by, the most telling first. */
  metrics: string[];
  /** The one that is shown over time; null when nothing is labelled. */
  metric: string | null;
  /** Starts of all buckets, and what is in them; undefined where no row is labelled. */
  times: number[];
  points: (PerformancePoint | undefined)[];
}

/** All that the page shows of how well both models did: 401, 403 or 404 where the caller may not read it. */
export async function performanceView(c: AppContext): Promise<PerformanceView> {
  const db = database(c.env);
  const base = await monitoringView(c, db);
  const { deployment, chosen, nowMs } = base;
  const monitored = await monitoredVersion({ env: c.env, db }, base.monitored, chosen.span.version);
  const report = await reportPerformance({ env: c.env, db }, monitored, chosen.span);
  const metrics = metricNames(report, METRICS_AT_A_GLANCE[deployment.task]);
  const asked = c.req.query("metric");
  const pointAt = new Map(report.series.map((point) => [Date.parse(point.at), point]));
  const [first = nowMs] = pointAt.keys();
  const times = bucketStarts(chosen.span, { since: Math.min(deployment.createdAt, first), nowMs });
  return {
    ...base,
    monitored,
    report,
    metrics,
    metric: metrics.find((name) => name === asked) ?? metrics[0] ?? null,
    times,
    points: times.map((at) => pointAt.get(at)),
  };
}

/** The metrics that either model has a value of, first those that tell the most. */
function metricNames({ main, challenger }: PerformanceReport, first: readonly string[]): string[] {
  const isKnown = (name: string) => (main[name]?.value ?? challenger?.[name]?.value ?? null) !== null;
  const names = [...new Set([...first, ...Object.keys(main), ...Object.keys(challenger ?? {})])];
  return names.filter(isKnown);
}

/** The labelled rows and all metrics of both models in each bucket; empty cells where there is none. */
export function performanceCsv({ metrics, times, points, report }: PerformanceView): string {
  const roles = report.challenger === null ? (["main"] as const) : (["main", "challenger"] as const);
  return csvText([
    [
      "at",
      "labelled",
      ...roles.map((role) => `answered by ${role}`),
      ...roles.flatMap((role) => metrics.map((name) => `${name} of ${role}`)),
    ],
    ...times.map((at, index) => {
      const point = points[index];
      return [
        iso(at),
        point?.n ?? 0,
        ...roles.map((role) => point?.answered[role] ?? 0),
        ...roles.flatMap((role) => metrics.map((name) => point?.[role]?.[name] ?? null)),
      ];
    }),
  ]);
}

const LOSS_WORDS: Record<Verdict["metric"], string> = {
  mse: "mean squared error",
  log_loss: "log loss",
  error_rate: "share of wrong labels",
};

// The space does not break: a lone "%" at the start of a line reads badly.
const SURE = "95\u00a0% valid at any moment";

export interface VerdictWords {
  state: Verdict["state"];
  sentence: string;
  notes: string[];
}

/** What the labels say of main and challenger, in a sentence to act on, and what else is to be known about it. */
export function verdictWords(verdict: Verdict, labelled: number): VerdictWords {
  const notes = verdictNotes(verdict, labelled);
  const sentence = verdict.state === "undecided" ? undecidedSentence(verdict) : decidedSentence(verdict);
  return { state: verdict.state, sentence, notes };
}

function decidedSentence(verdict: Verdict): string {
  const { state, metric, difference, n } = verdict;
  const word = state === "challenger_better" ? "better" : "worse";
  return `The challenger is ${word}: its ${LOSS_WORDS[metric]} ${distanceWords(metric, difference ?? 0)}${rangeOf(verdict)} on ${plural(n, "labelled row")}.`;
}

function undecidedSentence(verdict: Verdict): string {
  const { metric, difference, interval, n, differing, rows_needed: needed } = verdict;
  if (n === 0) return "Not known yet: no labelled row has comparable answers of both models.";
  if (n < PAIRS_MIN) {
    return `Not known yet: ${plural(n, "labelled row has", "labelled rows have")} an answer of both models. A verdict needs at least ${PAIRS_MIN}.`;
  }
  if (difference === null) {
    return `Not known: the loss on one of the ${plural(n, "labelled row")} is too large to compare.`;
  }
  if (!interval) {
    return differing === 0
      ? `Not known yet: both models have the same ${LOSS_WORDS[metric]} on each of ${plural(n, "labelled row")}.`
      : `Not known yet: the models differ on ${differing} of ${plural(n, "labelled row")}. A verdict needs at least ${DIFFERING_MIN}.`;
  }
  const outlook =
    needed === null
      ? "At the current difference, more rows would not settle it."
      : `About ${plural(Number(needed.toPrecision(needed < 100 ? 1 : 2)), "more labelled row", "more labelled rows")} would settle it at the current difference.`;
  return `Not known yet: the challenger's ${LOSS_WORDS[metric]} ${distanceWords(metric, difference)}${rangeOf(verdict)} on ${plural(n, "labelled row")}, which may be chance. ${outlook}`;
}

function verdictNotes(verdict: Verdict, labelled: number): string[] {
  const { state, n, decided_at: decidedAt } = verdict;
  const notes: string[] = [];
  if (n > 0 && n < labelled) {
    notes.push(`Of ${plural(labelled, "labelled row")}, ${plural(n, "has", "have")} an answer of both models.`);
  }
  if (state === "undecided" && decidedAt !== null) {
    notes.push(`A verdict after ${plural(decidedAt, "row")} did not hold over all rows, so it was withdrawn.`);
  } else if (decidedAt !== null) notes.push(`First settled after ${plural(decidedAt, "row")}.`);
  return notes;
}

/** The challenger's loss beside that of main, whose difference is main minus challenger. */
function distanceWords(metric: Verdict["metric"], difference: number): string {
  if (difference === 0) return "is the same as that of main";
  return `is ${difference < 0 ? "higher" : "lower"} by ${inUnit(metric, Math.abs(difference))}${unitOf(metric)}`;
}

function rangeOf(verdict: Verdict): string {
  const { metric, difference, interval } = verdict;
  if (!interval) return "";
  const [low, high] = pointing(interval, (difference ?? 0) < 0);
  return ` (${SURE}: ${inUnit(metric, low)} to ${inUnit(metric, high)})`;
}

/** An interval of main minus challenger, turned round where the challenger's loss is the higher one. */
function pointing([low, high]: Interval, isTurned: boolean): Interval {
  return isTurned ? [-high, -low] : [low, high];
}

/** Shares in percentage points, losses as they are. */
function inUnit(metric: Verdict["metric"], value: number): string {
  return formatNumber(metric === "error_rate" ? value * 100 : value, 3).replace("-", "−");
}

function unitOf(metric: Verdict["metric"]): string {
  return metric === "error_rate" ? " percentage points" : "";
}
