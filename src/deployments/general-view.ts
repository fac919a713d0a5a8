import { type ApiKey, listApiKeys } from "../access/api-keys.ts";
import { LIMITS } from "../config.ts";
import { type Database, database } from "../db.ts";
import { type ExperimentRow, type ModelRow, requireExperiment, requireModel } from "../experiments/queries.ts";
import type { AppContext } from "../http.ts";
import { exampleRow } from "../inference/describe-deployment.ts";
import { findServingSpec } from "../inference/find-serving-spec.ts";
import { listRecords } from "../inference/list-records.ts";
import { type DeploymentView, deploymentView, statusOf } from "./deployment-shell.tsx";
import type { Deployment } from "./queries.ts";
import type { RunningStatus } from "./running-status.ts";

/** Drift is not judged on fewer rows than this. */
export const DRIFT_ROWS_MIN = 100;

export interface GeneralView extends DeploymentView {
  status: RunningStatus;
  experiment: ExperimentRow;
  main: ModelRow;
  challenger: ModelRow | null;
  keys: ApiKey[];
  /** Recorded predictions, counted up to DRIFT_ROWS_MIN; null when a host could not say. */
  recorded: { rows: number; orMore: boolean } | null;
  /** A row that the deployment answers; null when what it serves cannot be read. */
  example: Record<string, number | string | boolean | null> | null;
}

/** All that the General section shows. */
export async function generalView(c: AppContext): Promise<GeneralView> {
  const db = database(c.env);
  const { caller } = c.var;
  const view = await deploymentView(c);
  const { deployment } = view;
  const { main, challenger } = deployment.current;
  const [status, experiment, mainModel, challengerModel, keys, recorded, spec] = await Promise.all([
    statusOf(c, deployment),
    requireExperiment(db, caller, deployment.experimentId, "read"),
    requireModel(db, caller, main.id, "read"),
    challenger ? requireModel(db, caller, challenger.id, "read") : null,
    listApiKeys(db, deployment.id, { limit: LIMITS.listItemsMax, cursor: null }),
    countRecords(c.env, db, deployment),
    findServingSpec(db, deployment.id, deployment.currentVersion),
  ]);
  return {
    ...view,
    status,
    experiment,
    main: mainModel.model,
    challenger: challengerModel?.model ?? null,
    keys: keys.items,
    recorded,
    example: spec && exampleRow(spec),
  };
}

const ALL_RECORDS = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, version: null, disagree: false };

/** The page of a deployment is where one looks when a host is broken: then the count is missing, and the page is not. */
async function countRecords(env: Env, db: Database, deployment: Deployment): Promise<GeneralView["recorded"]> {
  try {
    const { items, nextCursor } = await listRecords(env, db, deployment.id, ALL_RECORDS, {
      limit: DRIFT_ROWS_MIN,
      cursor: null,
    });
    return { rows: items.length, orMore: nextCursor !== null };
  } catch (error) {
    console.error(`the records of ${deployment.id} could not be counted`, error);
    return null;
  }
}
