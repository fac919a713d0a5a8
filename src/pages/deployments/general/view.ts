import { type ApiKey, listApiKeys } from "../../../access/api-keys.ts";
import { LIMITS } from "../../../config.ts";
import { type Database, database } from "../../../db.ts";
import { type ExperimentRow, type ModelRow, requireExperiment, requireModel } from "../../../experiments/queries.ts";
import type { AppContext } from "../../../http.ts";
import { optionalFeatures, fullExampleRow } from "../../../inference/spec/describe-deployment.ts";
import { findServingSpec } from "../../../inference/spec/find-serving-spec.ts";
import { driftSinceDeployed, type SinceDeployed } from "./since-deployed-view.ts";
import { type DeploymentView, deploymentView, statusOf } from "../deployment-shell.tsx";
import type { Deployment } from "../../../deployments/queries.ts";
import type { RunningStatus } from "../../../deployments/running-status.ts";

export interface GeneralView extends DeploymentView {
  status: RunningStatus;
  experiment: ExperimentRow;
  main: ModelRow;
  challenger: ModelRow | null;
  keys: ApiKey[];
  /** Null when what was counted could not be read. */
  drift: SinceDeployed | null;
  /** Features that only the challenger needs. */
  extraFeatures: string[];
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
  const [status, experiment, mainModel, challengerModel, keys, drift, spec] = await Promise.all([
    statusOf(c, deployment),
    requireExperiment(db, caller, deployment.experimentId, "read"),
    requireModel(db, caller, main.id, "read"),
    challenger ? requireModel(db, caller, challenger.id, "read") : null,
    listApiKeys(db, deployment.id, { limit: LIMITS.listItemsMax, cursor: null }),
    driftOrNothing(c.env, db, deployment),
    findServingSpec(db, deployment.id, deployment.currentVersion),
  ]);
  return {
    ...view,
    status,
    experiment,
    main: mainModel.model,
    challenger: challengerModel?.model ?? null,
    keys: keys.items,
    drift,
    example: spec && fullExampleRow(spec),
    extraFeatures: spec ? optionalFeatures(spec).map(({ name }) => name) : [],
  };
}

/** The page of a deployment is where one looks when a host is broken: then its drift is missing, and the page is not. */
async function driftOrNothing(env: Env, db: Database, deployment: Deployment): Promise<GeneralView["drift"]> {
  try {
    return await driftSinceDeployed({ env, db, nowMs: Date.now() }, deployment);
  } catch (error) {
    console.error(`the drift of ${deployment.id} is not known`, error);
    return null;
  }
}
