import { and, desc, eq, gte, inArray, isNotNull, isNull, like, lt } from "drizzle-orm";
import type { Caller } from "../access/caller.ts";
import { behindCursor, listPage, type ListPage } from "../list-cursor.ts";
import { numberedPage } from "../numbered-page.ts";
import { users } from "../access/schema.ts";
import type { Database } from "../db.ts";
import { experimentVersions, models } from "../experiments/schema.ts";
import { experiments } from "../experiments/schema.ts";
import type { PageRequest } from "../http.ts";
import { requireProject } from "../projects/queries.ts";
import type { DeploymentRow } from "./find-deployment.ts";
import { deploymentHosts, deployments, deploymentVersions } from "./schema.ts";

/** A model as a deployment version names it. */
export interface VersionModel {
  id: string;
  name: string;
  /** Of the experiment. */
  version: number;
  state: "pending" | "running" | "succeeded" | "failed";
  error: { code: string; message: string } | null;
}

export interface DeploymentVersion {
  number: number;
  main: VersionModel;
  challenger: (VersionModel & { suspended: { since: number; reason: string } | null }) | null;
  note: string;
  createdAt: number;
  createdBy: string;
}

/** A deployment with what its lists and pages show of it. */
export interface Deployment extends DeploymentRow {
  task: (typeof experiments.$inferSelect)["task"];
  creator: string;
  current: DeploymentVersion;
}

/** The deployments of a project, newest first. */
export async function listDeployments(
  db: Database,
  caller: Caller,
  projectIdOrSlug: string,
  page: PageRequest,
): Promise<ListPage<Deployment>> {
  const project = await requireProject(db, caller, projectIdOrSlug, "read");
  const rows = await db
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.projectId, project.id),
        isNull(deployments.deletedAt),
        behindCursor(deployments.createdAt, deployments.id, page),
      ),
    )
    .orderBy(desc(deployments.createdAt), desc(deployments.id))
    .limit(page.limit + 1);
  const { items, nextCursor } = listPage(rows, page);
  return { items: await describeDeployments(db, items), nextCursor };
}

/** Adds to deployments what is read of other tables, in a fixed number of statements. */
export async function describeDeployments(db: Database, rows: readonly DeploymentRow[]): Promise<Deployment[]> {
  if (rows.length === 0) return [];
  const experimentIds = [...new Set(rows.map((row) => row.experimentId))];
  const creatorIds = [...new Set(rows.map((row) => row.createdBy))];
  const [tasks, creators, versions] = await Promise.all([
    inPieces(experimentIds, (ids) =>
      db.select({ id: experiments.id, task: experiments.task }).from(experiments).where(inArray(experiments.id, ids)),
    ),
    inPieces(creatorIds, (ids) =>
      db.select({ id: users.id, name: users.name }).from(users).where(inArray(users.id, ids)),
    ),
    inPieces(
      rows.map((row) => row.id),
      (ids) => versionRows(db, ids),
    ),
  ]);
  const described = await describeVersions(db, versions);
  return rows.flatMap((row) => {
    const task = tasks.find(({ id }) => id === row.experimentId)?.task;
    const current = described.find(
      (version) => version.deploymentId === row.id && version.number === row.currentVersion,
    );
    if (!task || !current) return [];
    return [{ ...row, task, current, creator: creators.find(({ id }) => id === row.createdBy)?.name ?? "" }];
  });
}

/** A page of the versions of one deployment, newest first. */
export async function pageOfDeploymentVersions(
  db: Database,
  deploymentId: string,
  page: PageRequest,
): Promise<ListPage<DeploymentVersion>> {
  const { number, id } = deploymentVersions;
  const rows = await db
    .select()
    .from(deploymentVersions)
    .where(and(eq(deploymentVersions.deploymentId, deploymentId), behindCursor(number, id, page)))
    .orderBy(desc(number))
    .limit(page.limit + 1);
  const { items, nextCursor } = numberedPage(rows, page);
  return { items: await describeVersions(db, items), nextCursor };
}

/** All versions of one deployment, newest first. */
export async function listDeploymentVersions(db: Database, deploymentId: string): Promise<DeploymentVersion[]> {
  const rows = await versionRows(db, [deploymentId]);
  return (await describeVersions(db, rows)).sort((one, other) => other.number - one.number);
}

/** The names of the hosts that answer calls of a deployment and may hold records of them. */
export async function listHosts(
  db: Database,
  deploymentId: string,
): Promise<{ name: string; versionNumber: number }[]> {
  return db
    .select({ name: deploymentHosts.name, versionNumber: deploymentHosts.versionNumber })
    .from(deploymentHosts)
    .where(and(eq(deploymentHosts.deploymentId, deploymentId), isNull(deploymentHosts.runAt)));
}

/** A batch run that may have records of a deployment. */
export interface RecordedRun {
  /** Of the object that has them. */
  name: string;
  versionNumber: number;
  /** When it began, UTC ms: the time of all its records. */
  runAt: number;
}

/** The batch runs of a deployment that began in [fromMs, toMs), the newest first. */
export async function listRecordedRuns(
  db: Database,
  deploymentId: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<RecordedRun[]> {
  const { name, versionNumber, runAt } = deploymentHosts;
  const rows = await db
    .select({ name, versionNumber, runAt })
    .from(deploymentHosts)
    .where(and(eq(deploymentHosts.deploymentId, deploymentId), gte(runAt, fromMs), lt(runAt, toMs)))
    .orderBy(desc(runAt), desc(name));
  return rows.map((row) => ({ ...row, runAt: row.runAt ?? 0 }));
}

/** The batch run of a deployment with this id, when it may have records. */
export async function findRecordedRun(db: Database, deploymentId: string, runId: string): Promise<RecordedRun | null> {
  const { name, versionNumber, runAt } = deploymentHosts;
  const row = await db
    .select({ name, versionNumber, runAt })
    .from(deploymentHosts)
    .where(and(eq(deploymentHosts.deploymentId, deploymentId), isNotNull(runAt), like(name, `%/run/${runId}`)))
    .get();
  return row ? { ...row, runAt: row.runAt ?? 0 } : null;
}

export type VersionRow = typeof deploymentVersions.$inferSelect;

/** One version, as it is stored; null when there is none of this number. */
export async function findVersion(db: Database, deploymentId: string, number: number): Promise<VersionRow | null> {
  const row = await db
    .select()
    .from(deploymentVersions)
    .where(and(eq(deploymentVersions.deploymentId, deploymentId), eq(deploymentVersions.number, number)))
    .get();
  return row ?? null;
}

function versionRows(db: Database, deploymentIds: string[]): Promise<VersionRow[]> {
  return db.select().from(deploymentVersions).where(inArray(deploymentVersions.deploymentId, deploymentIds));
}

async function describeVersions(
  db: Database,
  rows: readonly VersionRow[],
): Promise<(DeploymentVersion & { deploymentId: string })[]> {
  const ids = [
    ...new Set(rows.flatMap((row) => [row.mainModelId, ...(row.challengerModelId ? [row.challengerModelId] : [])])),
  ];
  const found = await inPieces(ids, (piece) =>
    db
      .select({
        id: models.id,
        name: models.name,
        state: models.state,
        errorCode: models.errorCode,
        errorMessage: models.errorMessage,
        version: experimentVersions.number,
      })
      .from(models)
      .innerJoin(experimentVersions, eq(experimentVersions.id, models.versionId))
      .where(inArray(models.id, piece)),
  );
  const modelNamed = (id: string): VersionModel => {
    const row = found.find((candidate) => candidate.id === id);
    if (!row)
      return { id, name: "", version: 0, state: "failed", error: { code: "not_found", message: "The model is gone." } };
    const error = row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? "" };
    return { id, name: row.name, version: row.version, state: row.state, error };
  };
  return rows.map((row) => ({
    deploymentId: row.deploymentId,
    number: row.number,
    main: modelNamed(row.mainModelId),
    challenger:
      row.challengerModelId === null ? null : { ...modelNamed(row.challengerModelId), suspended: suspensionOf(row) },
    note: row.note,
    createdAt: row.createdAt,
    createdBy: row.createdBy,
  }));
}

function suspensionOf(row: VersionRow): { since: number; reason: string } | null {
  return row.challengerSuspendedAt === null
    ? null
    : { since: row.challengerSuspendedAt, reason: row.challengerSuspendedReason ?? "" };
}

/** D1 binds at most 100 parameters a statement. */
const PARAMETERS_MAX = 90;

async function inPieces<Row>(ids: readonly string[], read: (ids: string[]) => Promise<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < ids.length; from += PARAMETERS_MAX)
    rows.push(...(await read(ids.slice(from, from + PARAMETERS_MAX))));
  return rows;
}
