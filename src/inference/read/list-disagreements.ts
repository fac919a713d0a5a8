import type { Database } from "../../db.ts";
import { recorderStub } from "../../deployments/reach-host.ts";
import type { DisagreementFilter } from "../records/find-disagreements.ts";
import type { PredictionRecord } from "./list-records.ts";
import { identified, listRecorders } from "./recorders.ts";

/** Batch runs that are looked through, the newest. */
const RUNS_MAX = 10;

export interface DisagreementPage {
  items: (PredictionRecord & { distance: number })[];
  /** False where a host has older records that were not looked at. */
  isAll: boolean;
}

/** Records of some versions of a deployment on which main and challenger differ most, over all of its hosts, the furthest apart first. */
export async function listDisagreements(
  env: Env,
  db: Database,
  deploymentId: string,
  versions: readonly number[],
  filter: DisagreementFilter,
): Promise<DisagreementPage> {
  const { hosts, runs } = await listRecorders(db, deploymentId, versions, filter);
  const pages = await Promise.all(
    [...hosts, ...runs.slice(0, RUNS_MAX)].map(async (recorder): Promise<DisagreementPage> => {
      const { found, isAll } = await recorderStub(env, recorder.name).disagreements(filter);
      return { items: found.map((record) => identified(recorder, record)), isAll };
    }),
  );
  const items = pages.flatMap((page) => page.items).sort((one, other) => other.distance - one.distance);
  return { items: items.slice(0, filter.limit), isAll: runs.length <= RUNS_MAX && pages.every((page) => page.isAll) };
}
