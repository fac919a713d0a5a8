import { readSpan } from "../../monitoring/read-span.ts";
import { type Database, database } from "../../db.ts";
import { deploymentPath, type DeploymentView, deploymentView } from "../deployments/deployment-shell.tsx";
import { type DeploymentVersion, listDeploymentVersions } from "../../deployments/queries.ts";
import type { AppContext } from "../../http.ts";
import { answersName, type ModelRole, shadowName } from "../../windows/answer-counts.ts";
import { byStart, type Merged, mergeWindows } from "../../windows/merge-windows.ts";
import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { DRIFT_METHODS, type DriftMethodId, METHODS } from "../../monitoring/drift/methods.ts";
import type { DriftPoint, DriftReport } from "../../monitoring/drift-report.ts";
import { type ColumnOverTime, tallyFor } from "./drift/feature-view.ts";
import { withChosenReference } from "../../monitoring/chosen-reference.ts";
import { describeMonitored, type Monitored } from "../../monitoring/monitored.ts";
import { monitoredVersion } from "../../monitoring/monitored-version.ts";
import { driftOf } from "../../monitoring/report-drift.ts";
import { addressWith, bucketStarts, choiceParams, type ChosenSpan, chooseSpan, POINT_ROWS_MIN } from "./span-view.ts";

/** What all pages of the section need. */
export interface MonitoringView extends DeploymentView {
  /** Of the section. */
  path: string;
  chosen: ChosenSpan;
  monitored: Monitored;
  /** Of the deployment, newest first. */
  versions: DeploymentVersion[];
}

/** What the page of drift shows, as plain data. */
export interface DriftView extends MonitoringView {
  report: Omit<DriftReport, "references">;
  /** Starts of all buckets, and what is in them; undefined and null where there are no rows. */
  times: number[];
  points: (DriftPoint | undefined)[];
  buckets: (Merged | null)[];
  merged: Merged;
  /** Features that were asked for, the first of which is shown in detail. */
  asked: string[];
  methods: Map<string, DriftMethodId>;
  /** True where all features are listed, however many there are. */
  isWhole: boolean;
}

/** Reads what stands around the section's pages: 401, 403 or 404 where the caller may not read it. */
export async function monitoringView(c: AppContext, db: Database): Promise<MonitoringView> {
  const view = await deploymentView(c);
  const [monitored, versions] = await Promise.all([
    describeMonitored(c.env, db, view.deployment),
    listDeploymentVersions(db, view.deployment.id),
  ]);
  return {
    ...view,
    path: `${deploymentPath(view.deployment)}/monitoring`,
    chosen: chooseSpan(c.req.query(), { since: view.deployment.createdAt, nowMs: view.nowMs }),
    monitored,
    versions,
  };
}

/** All that the page of drift shows, from one reading of the windows. */
export async function driftView(c: AppContext): Promise<DriftView> {
  const db = database(c.env);
  const base = await monitoringView(c, db);
  const { deployment, chosen, nowMs } = base;
  const { span } = chosen;
  const ports = { env: c.env, db, nowMs };
  const monitored = await monitoredVersion(ports, base.monitored, span.version);
  const [compared, { windows, isComplete }] = await Promise.all([
    withChosenReference(ports, monitored, span),
    readSpan(ports, monitored, span, ["features", "answers"]),
  ]);
  const methods = chosenMethods(c, monitored.columns);
  const drift = driftOf(compared, span, windows, { methods, preset: "tiltyard" }, nowMs);
  const since = Math.min(deployment.createdAt, windows[0]?.start ?? nowMs);
  const times = bucketStarts(span, { since, nowMs });
  const own = byStart(windows);
  const pointAt = new Map(drift.series.map((point) => [Date.parse(point.at), point]));
  return {
    ...base,
    monitored: compared,
    report: { ...drift, complete: isComplete },
    times,
    points: times.map((at) => pointAt.get(at)),
    buckets: times.map((at) => {
      const there = own.get(at);
      return there ? mergeWindows(there) : null;
    }),
    merged: mergeWindows(windows),
    asked: (c.req.queries("feature") ?? []).filter((name) => monitored.columns.some((column) => column.name === name)),
    methods,
    isWhole: c.req.query("all") === "true",
  };
}

/** The methods that an address chooses by `methods` (JSON), and by `method` for the feature `method_of`, as the page's form does. */
function chosenMethods(c: AppContext, columns: readonly ReferenceColumn[]): Map<string, DriftMethodId> {
  const chosen = new Map<string, unknown>(Object.entries(parseObject(c.req.query("methods"))));
  const [name, method] = [c.req.query("method_of"), c.req.query("method")];
  if (name !== undefined && method !== undefined) chosen.set(name, method);
  return new Map(
    columns.flatMap((column) => {
      const wanted = possibleMethods(column).find((one) => one === chosen.get(column.name));
      return wanted === undefined ? [] : [[column.name, wanted] as const];
    }),
  );
}

/** Anything may stand in an address that people edit: what makes no sense is left out. */
function parseObject(text: string | undefined): object {
  try {
    const json: unknown = JSON.parse(text ?? "{}");
    return typeof json === "object" && json !== null ? json : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The methods by which a column can be judged. */
export function possibleMethods(column: ReferenceColumn): DriftMethodId[] {
  return DRIFT_METHODS.filter((method) => METHODS[method].suits(column));
}

/** The page's own address with another feature in detail; the chosen span and methods stay. */
export function featureHref(view: Pick<DriftView, "path" | "chosen" | "methods">, feature: string): string {
  return addressWith(view.path, [...driftParams(view), ["feature", feature]]);
}

/** The chosen span and methods as they stand in an address. */
export function driftParams({ chosen, methods }: Pick<DriftView, "chosen" | "methods">): [string, string][] {
  const params = choiceParams(chosen.choice);
  if (methods.size > 0) params.push(["methods", JSON.stringify(Object.fromEntries(methods))]);
  return params;
}

/** What was counted of a feature, as a whole and over time. */
export function featureOver(view: DriftView, column: ReferenceColumn): ColumnOverTime & { current: Tally } {
  return over(view, column, (merged) => merged.features.get(column.name));
}

/**
 * What was counted of a model's answers by its own reference; of the challenger, with `inBinsOf` main's column, by that one. Null where
 * they cannot be compared.
 */
export function answersOver(
  view: DriftView,
  role: ModelRole,
  inBinsOf: ModelRole = role,
): (ColumnOverTime & { current: Tally; column: ReferenceColumn }) | null {
  const { main } = view.monitored;
  const model = view.monitored[role];
  const column = view.monitored[inBinsOf]?.reference?.column;
  if (!model || !column) return null;
  const name = role === inBinsOf ? answersName(role, model.id) : shadowName(main.id, model.id);
  return { column, ...over(view, column, (merged) => merged.answers.get(name)) };
}

function over(
  { times, buckets, merged }: DriftView,
  column: ReferenceColumn,
  read: (merged: Merged) => Float64Array | undefined,
): ColumnOverTime & { current: Tally } {
  return {
    times,
    tallies: buckets.map((bucket) => (bucket && bucket.rows >= POINT_ROWS_MIN ? tallyFor(column, read(bucket)) : null)),
    current: tallyFor(column, read(merged)),
  };
}
