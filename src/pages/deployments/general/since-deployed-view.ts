import { readSpan } from "../../../monitoring/read-span.ts";
import type { Database } from "../../../db.ts";
import type { Deployment } from "../../../deployments/queries.ts";
import { DAY_MS, iso } from "../../../lib/time.ts";
import type { ChartData } from "../../../ui/chart-data.ts";
import type { DistributionBins, DistributionSeries } from "../../../ui/distribution-chart-data.ts";
import { answersName, shadowName } from "../../../windows/answer-counts.ts";
import { byStart, type Merged, mergeWindows } from "../../../windows/merge-windows.ts";
import { judgeColumns } from "../../../monitoring/drift/judge-columns.ts";
import type { DriftReport } from "../../../monitoring/drift-report.ts";
import { binsFor, distributionOf, tallyFor } from "../../monitoring/drift/feature-view.ts";
import { describeMonitored, type Monitored } from "../../../monitoring/monitored.ts";
import { withChosenReference } from "../../../monitoring/chosen-reference.ts";
import { subjectsOf } from "../../../monitoring/subjects.ts";
import { DRIFT_DEFAULTS, driftOf } from "../../../monitoring/report-drift.ts";
import { bucketStarts } from "../../monitoring/span-view.ts";
import { timeSpan } from "../../../monitoring/time-span.ts";

/** A page that is looked at often does not read years. */
const DAYS_MAX = 90;

/** How a deployment fared since it was deployed, in little. */
export interface SinceDeployed {
  /** Days back to the deployment, or null where it is older than what is shown. */
  isWhole: boolean;
  daysMax: number;
  report: Omit<DriftReport, "references">;
  bucket: "hour" | "day";
  /** The share of features that drift, bucket by bucket; null in buckets that cannot be judged. */
  share: ChartData;
  /** What main answered to its reference rows, and both models since; null where that has no distribution. */
  predictions: { bins: DistributionBins; series: DistributionSeries[]; source: "holdout" | "training" } | null;
}

/** Drift since a deployment was deployed, or in the last 90 days, of the calls that share its present training reference. */
export async function driftSinceDeployed(
  { env, db, nowMs }: { env: Env; db: Database; nowMs: number },
  deployment: Deployment,
): Promise<SinceDeployed> {
  const described = await describeMonitored(env, db, deployment);
  const isWhole = nowMs - deployment.createdAt <= DAYS_MAX * DAY_MS;
  // A moment of room: a deployment that was made this instant has a span, too.
  const from = isWhole ? Math.min(deployment.createdAt, nowMs - 1) : nowMs - DAYS_MAX * DAY_MS;
  const span = timeSpan({ from: iso(from), to: iso(nowMs) }, nowMs);
  // A whole life has no time before it: then the training data are the reference.
  const isSpan = described.settings.reference.kind === "span";
  const monitored = isSpan ? await withChosenReference({ env, db, nowMs }, described, span) : described;
  const { windows, isComplete } = await readSpan({ env, db }, monitored, span, ["features", "answers"]);
  const times = bucketStarts(span, { since: from, nowMs });
  const own = byStart(windows);
  return {
    isWhole,
    daysMax: DAYS_MAX,
    report: { ...driftOf(monitored, span, windows, DRIFT_DEFAULTS, nowMs), complete: isComplete },
    bucket: span.bucket,
    share: {
      kind: "bars",
      unit: "rate",
      times,
      series: [
        {
          label: "Features that drift",
          tone: "warning",
          values: times.map((at) => shareDrifting(monitored, mergeWindows(own.get(at) ?? []))),
        },
      ],
    },
    predictions: predictionsOf(monitored, mergeWindows(windows)),
  };
}

/** Of the features that have enough rows, the share that drifts (0..1); null without any. */
function shareDrifting(monitored: Monitored, merged: Merged): number | null {
  const features = subjectsOf(monitored, new Map()).filter(({ role, isMuted }) => role === null && !isMuted);
  const judged = judgeColumns(
    features.map((one) => ({ ...one, current: tallyFor(one.column, one.tallyOf(merged)) })),
    { preset: "tiltyard" },
  ).filter(({ state }) => state !== "not_enough_data");
  return judged.length === 0 ? null : judged.filter(({ state }) => state === "drift").length / judged.length;
}

function predictionsOf({ main, challenger }: Monitored, { answers }: Merged): SinceDeployed["predictions"] {
  const column = main.reference?.column;
  if (!main.reference || !column) return null;
  const tally = (name: string) => tallyFor(column, answers.get(name));
  const series = [
    distributionOf(column, column.tally, { label: "Reference", tone: "reference" }),
    distributionOf(column, tally(answersName("main", main.id)), { label: "Main", tone: "main" }),
  ];
  if (challenger) {
    const shadow = tally(shadowName(main.id, challenger.id));
    series.push(distributionOf(column, shadow, { label: "Challenger", tone: "challenger" }));
  }
  return { bins: binsFor(column), series, source: main.reference.source };
}
