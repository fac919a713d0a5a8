import type { Database } from "../db.ts";
import { hostPlace, parseHostName } from "../deployments/host-name.ts";
import { listHosts } from "../deployments/queries.ts";
import { hostStub } from "../deployments/reach-host.ts";
import type { DisagreementFilter } from "./find-disagreements.ts";
import type { PredictionRecord } from "./list-records.ts";
import { predictionId } from "./prediction-id.ts";

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
  const hosts = (await listHosts(db, deploymentId)).filter(({ versionNumber }) => versions.includes(versionNumber));
  const pages = await Promise.all(
    hosts.map(async ({ name }) => {
      const host = parseHostName(name);
      const { found, isAll } = await hostStub(env, host).disagreements(filter);
      const items = found.map((record) => {
        const { segment, index } = record;
        const id = predictionId({ version: host.version, host: hostPlace(host), segment, index });
        return { ...record, version: host.version, predictionId: id };
      });
      return { items, isAll };
    }),
  );
  const items = pages.flatMap((page) => page.items).sort((one, other) => other.distance - one.distance);
  return { items: items.slice(0, filter.limit), isAll: pages.every((page) => page.isAll) };
}
