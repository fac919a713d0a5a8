import type { Database } from "../db.ts";
import { parseHostName } from "../deployments/host-name.ts";
import { listHosts } from "../deployments/queries.ts";
import { hostStub } from "../deployments/reach-host.ts";
import type { LabelledFilter, LabelledRecords } from "./labelled-records.ts";

/**
 * The newest records of some versions of a deployment whose actual is known, over all of its hosts, in the order in which their labels
 * arrived. At most about `limit`: of several hosts the newest labels are kept.
 */
export async function listLabelled(
  env: Env,
  db: Database,
  deploymentId: string,
  versions: readonly number[],
  filter: LabelledFilter,
): Promise<LabelledRecords> {
  const hosts = (await listHosts(db, deploymentId)).filter(({ versionNumber }) => versions.includes(versionNumber));
  const parts = await Promise.all(hosts.map(({ name }) => hostStub(env, parseHostName(name)).labelled(filter)));
  const rows = parts
    .flatMap((part) => part.rows)
    .sort((one, other) => one.arrivedAt - other.arrivedAt || one.position - other.position);
  return {
    rows: rows.slice(-filter.limit),
    classLabels: {
      main: parts.find((part) => part.classLabels.main !== null)?.classLabels.main ?? null,
      challenger: parts.find((part) => part.classLabels.challenger !== null)?.classLabels.challenger ?? null,
    },
    more: parts.some((part) => part.more) || rows.length > filter.limit,
  };
}
