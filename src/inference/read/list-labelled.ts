import type { Database } from "../../db.ts";
import { recorderStub } from "../../deployments/reach-host.ts";
import type { LabelledFilter, LabelledRecords } from "../records/labelled-records.ts";
import { listRecorders } from "./recorders.ts";

/** Batch runs that are asked, the newest: each is an object of its own. */
const RUNS_MAX = 100;

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
  const { hosts, runs } = await listRecorders(db, deploymentId, versions, filter);
  const parts = await Promise.all(
    [...hosts, ...runs.slice(0, RUNS_MAX)].map(({ name }) => recorderStub(env, name).labelled(filter)),
  );
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
