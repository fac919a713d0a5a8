import { z } from "zod";
import { database } from "../../../db.ts";
import type { FeatureFilter } from "../../../inference/records/find-disagreements.ts";
import type { AppContext } from "../../../http.ts";
import type { ReferenceColumn } from "../../../windows/reference-column.ts";
import { type MonitoringView, monitoringView } from "../view.ts";
import { type ComparisonReport, reportComparison } from "../../../monitoring/report-comparison.ts";
import { monitoredVersion } from "../../../monitoring/monitored-version.ts";
import { bucketStarts } from "../span-view.ts";

const DISAGREEMENTS_SHOWN_MAX = 30;

// Anything may stand in an address that people edit: what makes no sense is left out.
const bound = z.string().trim().min(1).transform(Number).pipe(z.number()).optional().catch(undefined);
const filterQuery = z.object({
  feature: z.string().min(1).optional().catch(undefined),
  equals: z.string().min(1).optional().catch(undefined),
  min: bound,
  max: bound,
});

/** The filter of the disagreement explorer, as it stands in the address. */
export type ExplorerFilter = z.infer<typeof filterQuery>;

/** What the page that compares main and challenger shows, as plain data. */
export interface ComparisonView extends MonitoringView {
  /** Null without a challenger. */
  report: ComparisonReport | null;
  filter: ExplorerFilter;
  /** Starts of all buckets, and what is in them; undefined where there are no rows. */
  times: number[];
  points: (ComparisonReport["series"][number] | undefined)[];
}

/** All that the page shows of main and challenger. */
export async function comparisonView(c: AppContext): Promise<ComparisonView> {
  const db = database(c.env);
  const base = await monitoringView(c, db);
  const { deployment, chosen, nowMs } = base;
  const monitored = await monitoredVersion({ env: c.env, db }, base.monitored, chosen.span.version);
  const filter = filterQuery.parse(c.req.query());
  const report = await reportComparison({ env: c.env, db }, monitored, chosen.span, {
    where: conditionOf(filter, monitored.columns),
    limit: DISAGREEMENTS_SHOWN_MAX,
  });
  const pointAt = new Map(report?.series.map((point) => [Date.parse(point.at), point]));
  const [first = nowMs] = pointAt.keys();
  const times = bucketStarts(chosen.span, { since: Math.min(deployment.createdAt, first), nowMs });
  return { ...base, monitored, report, filter, times, points: times.map((at) => pointAt.get(at)) };
}

/** Which rows the explorer looks at; null: all. Booleans are recorded as 1 and 0. */
function conditionOf({ feature, equals, min, max }: ExplorerFilter, columns: ReferenceColumn[]): FeatureFilter | null {
  const column = columns.find(({ name }) => name === feature);
  if (!column || (equals === undefined && min === undefined && max === undefined)) return null;
  const isTruth = column.kind === "boolean" && (equals === "true" || equals === "false");
  return {
    feature: column.name,
    equals: isTruth ? (equals === "true" ? "1" : "0") : (equals ?? null),
    min: min ?? null,
    max: max ?? null,
  };
}
