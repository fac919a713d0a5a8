import type { Database } from "../../db.ts";
import { parseHostName, parseRunName } from "../../deployments/host-name.ts";
import { listHosts, listRecordedRuns } from "../../deployments/queries.ts";
import { batchPredictionId } from "../batch/batch-prediction-id.ts";
import { predictionId, predictionIdStem } from "../records/prediction-id.ts";

/** Where a record is in its recorder. */
interface Place {
  segment: number;
  index: number;
}

/** An object that has records of a deployment, behind `recorderStub`: one of its hosts, or what has those of a batch run. */
export interface Recorder {
  name: string;
  version: number;
  idOf: (place: Place) => string;
}

export interface RecorderQuery {
  fromMs: number;
  toMs: number;
  source: "online" | "batch" | "all";
}

/** What has records of some versions of a deployment (null: of all): its hosts, and the batch runs of the span, the newest first. */
export async function listRecorders(
  db: Database,
  deploymentId: string,
  versions: readonly number[] | null,
  { source, ...span }: RecorderQuery,
): Promise<{ hosts: Recorder[]; runs: Recorder[] }> {
  const isWanted = ({ version }: Recorder) => versions === null || versions.includes(version);
  const hosts = source === "batch" ? [] : await listHosts(db, deploymentId);
  const runs = source === "online" ? [] : await listRecordedRuns(db, deploymentId, span);
  return { hosts: hosts.map(hostRecorder).filter(isWanted), runs: runs.map(runRecorder).filter(isWanted) };
}

function hostRecorder({ name, versionNumber }: { name: string; versionNumber: number }): Recorder {
  const stem = predictionIdStem(parseHostName(name));
  return { name, version: versionNumber, idOf: ({ segment, index }) => predictionId(stem, segment, index) };
}

function runRecorder({ name, versionNumber }: { name: string; versionNumber: number }): Recorder {
  const runId = parseRunName(name)?.runId ?? "";
  return { name, version: versionNumber, idOf: ({ index }) => batchPredictionId(runId, index) };
}

/** A record with what tells it from those of all other recorders. */
export function identified<Found extends Place>(
  { version, idOf }: Recorder,
  record: Found,
): Found & { version: number; predictionId: string } {
  return { ...record, version, predictionId: idOf(record) };
}
