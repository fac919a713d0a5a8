import { eq, inArray } from "drizzle-orm";
import type { Caller } from "../access/caller.ts";
import type { Database } from "../db.ts";
import { requireDeployment } from "../deployments/find-deployment.ts";
import { type Deployment, type DeploymentVersion, describeDeployments } from "../deployments/queries.ts";
import { hidden } from "../access/authorize.ts";
import { plannedColumns } from "../engine/serving-plan.ts";
import { experimentVersions, models } from "../experiments/schema.ts";
import { type AnswerReference, loadAnswerReference, loadFeatureReference } from "../windows/reference.ts";
import type { ReferenceColumn } from "../windows/reference-column.ts";
import { type MonitoringSettings, readSettings } from "./settings.ts";

/** A model that answers, and how it answered its reference. */
export interface MonitoredModel {
  id: string;
  name: string;
  reference: AnswerReference | null;
}

/** A deployment as monitoring sees it: what it is compared with. */
export interface Monitored {
  deployment: Deployment;
  /** The training reference of the main model's experiment version. */
  reference: { id: string; version: number; rows: number };
  /** The features that calls send and the reference knows, in the reference's order. */
  columns: ReferenceColumn[];
  main: MonitoredModel;
  challenger: MonitoredModel | null;
  settings: MonitoringSettings;
  /** Where the settings choose recorded rows as the reference: their time, ISO 8601. Null: the training data. */
  recordedFrom: { from: string; to: string } | null;
}

/** Reads what a deployment is compared with, for a caller who may read it. Throws AppError: 401, 403, 404. */
export async function requireMonitored(env: Env, db: Database, caller: Caller, idOrSlug: string): Promise<Monitored> {
  const row = await requireDeployment(db, caller, idOrSlug, "read");
  const [deployment] = await describeDeployments(db, [row]);
  if (!deployment) throw hidden();
  return describeMonitored(env, db, deployment);
}

/** The same for a deployment that has been read, as its current version or another one pairs models. */
export async function describeMonitored(
  env: Env,
  db: Database,
  deployment: Deployment,
  { main, challenger }: Pick<DeploymentVersion, "main" | "challenger"> = deployment.current,
): Promise<Monitored> {
  const ids = [main.id, ...(challenger ? [challenger.id] : [])];
  const rows = await db
    .select({
      id: models.id,
      plan: models.plan,
      versionId: models.versionId,
      number: experimentVersions.number,
      rows: experimentVersions.rows,
    })
    .from(models)
    .innerJoin(experimentVersions, eq(experimentVersions.id, models.versionId))
    .where(inArray(models.id, ids));
  const mainRow = rows.find(({ id }) => id === main.id);
  if (!mainRow) throw hidden();
  const [{ settings }, columns, mainReference, challengerReference] = await Promise.all([
    readSettings(db, deployment.id),
    loadFeatureReference(env.STORE, mainRow.versionId),
    loadAnswerReference(env.STORE, main.id),
    challenger && loadAnswerReference(env.STORE, challenger.id),
  ]);
  const served = new Set(rows.flatMap(({ plan }) => plannedColumns(plan)));
  return {
    deployment,
    reference: { id: mainRow.versionId, version: mainRow.number, rows: mainRow.rows },
    columns: columns.filter(({ name }) => served.has(name)),
    main: { id: main.id, name: main.name, reference: mainReference },
    challenger: challenger && { id: challenger.id, name: challenger.name, reference: challengerReference },
    settings,
    recordedFrom: null,
  };
}
