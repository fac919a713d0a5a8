import type { Database } from "../../db.ts";
import { parseHostName, parseRunName } from "../../deployments/host-name.ts";
import { listHosts, listRecordedRuns } from "../../deployments/queries.ts";
import { hostStub, runRecordsStub } from "../../deployments/reach-host.ts";
import { batchPredictionId } from "../batch/batch-prediction-id.ts";
import type { DisagreementFilter } from "../records/find-disagreements.ts";
import type { PredictionRecord } from "./list-records.ts";
import { predictionId, predictionIdStem } from "../records/prediction-id.ts";

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
  const isWanted = ({ versionNumber }: { versionNumber: number }) => versions.includes(versionNumber);
  const hosts = filter.source === "batch" ? [] : (await listHosts(db, deploymentId)).filter(isWanted);
  const runs = filter.source === "online" ? [] : (await listRecordedRuns(db, deploymentId, filter)).filter(isWanted);
  const pages = await Promise.all([
    ...hosts.map(async ({ name }): Promise<DisagreementPage> => {
      const host = parseHostName(name);
      const { found, isAll } = await hostStub(env, host).disagreements(filter);
      const stem = predictionIdStem(host);
      const items = found.map((record) => {
        const id = predictionId(stem, record.segment, record.index);
        return { ...record, version: host.version, predictionId: id };
      });
      return { items, isAll };
    }),
    ...runs.slice(0, RUNS_MAX).map(async ({ name, versionNumber }): Promise<DisagreementPage> => {
      const runId = parseRunName(name)?.runId ?? "";
      const { found, isAll } = await runRecordsStub(env, name).disagreements(filter);
      const items = found.map((record) => ({
        ...record,
        version: versionNumber,
        predictionId: batchPredictionId(runId, record.index),
      }));
      return { items, isAll };
    }),
  ]);
  const items = pages.flatMap((page) => page.items).sort((one, other) => other.distance - one.distance);
  return { items: items.slice(0, filter.limit), isAll: runs.length <= RUNS_MAX && pages.every((page) => page.isAll) };
}
