import type { Database } from "../../db.ts";
import { findRecordedRun, listHosts } from "../../deployments/queries.ts";
import { hostName } from "../../deployments/host-name.ts";
import { hostStub, recorderStub, runRecordsStub } from "../../deployments/reach-host.ts";
import { invalid } from "../../errors.ts";
import type { PageRequest } from "../../http.ts";
import { findDeployment } from "../../deployments/find-deployment.ts";
import { parseBatchPredictionId } from "../batch/batch-prediction-id.ts";
import { agreementTolerance } from "../records/fold-plan.ts";
import { findServingSpec } from "../spec/find-serving-spec.ts";
import { parsePredictionId } from "../records/prediction-id.ts";
import type { StoredRecord } from "../records/records.ts";
import { identified, listRecorders, type Recorder, type RecorderQuery } from "./recorders.ts";

/** A recorded prediction, with the place that its id names. */
export interface PredictionRecord extends StoredRecord {
  predictionId: string;
  version: number;
}

/** The batch run that a record is of; null when it was an online call. */
export function runOf({ predictionId: id }: Pick<PredictionRecord, "predictionId">): string | null {
  return parseBatchPredictionId(id)?.runId ?? null;
}

export interface RecordQuery extends RecorderQuery {
  version: number | null;
  disagree: boolean;
}

interface RecorderPage {
  name: string;
  items: PredictionRecord[];
  more: boolean;
}

/**
 * The records of a deployment over all of its hosts, newest first. The cursor names, per host, where the last page ended: that keeps
 * pages exact while new records come in.
 */
export async function listRecords(
  env: Env,
  db: Database,
  deploymentId: string,
  query: RecordQuery,
  page: PageRequest,
): Promise<{ items: PredictionRecord[]; nextCursor: string | null }> {
  const ends = readCursor(page.cursor);
  const tolerance = query.disagree ? await toleranceOf(env, db, deploymentId) : null;
  const versions = query.version === null ? null : [query.version];
  const { hosts, runs } = await listRecorders(db, deploymentId, versions, query);
  const ask = async (recorder: Recorder): Promise<RecorderPage> => {
    const { name } = recorder;
    const filter = { ...query, tolerance, limit: page.limit, before: ends.get(name) ?? null };
    const { records, more } = await recorderStub(env, name).records(filter);
    return { name, items: records.map((record) => identified(recorder, record)), more };
  };
  const unread = runs.filter(({ name }) => ends.get(name)?.index !== 0);
  const pages = [...(await Promise.all(hosts.map(ask))), ...(await askInTurn(unread, ask, page.limit))];
  const merged = pages
    .flatMap(({ name, items }) => items.map((item) => ({ name, item })))
    .sort(
      (one, other) =>
        other.item.at - one.item.at || other.item.segment - one.item.segment || other.item.index - one.item.index,
    );
  const shown = merged.slice(0, page.limit);
  for (const { name, item } of shown) ends.set(name, { segment: item.segment, index: item.index });
  const more = merged.length > shown.length || pages.some(({ more: has }) => has);
  return { items: shown.map(({ item }) => item), nextCursor: more ? writeCursor(ends) : null };
}

/** All records of a batch run are of one time, so older runs are asked only when the newer ones do not fill the page. */
async function askInTurn(
  runs: readonly Recorder[],
  ask: (run: Recorder) => Promise<RecorderPage>,
  limit: number,
): Promise<RecorderPage[]> {
  const pages: RecorderPage[] = [];
  let found = 0;
  for (const run of runs) {
    if (found >= limit) {
      pages.push({ name: run.name, items: [], more: true });
      break;
    }
    const page = await ask(run);
    found += page.items.length;
    pages.push(page);
  }
  return pages;
}

/** One record; null when the id names none of this deployment's. */
export async function findRecord(
  env: Env,
  db: Database,
  deploymentId: string,
  id: string,
): Promise<PredictionRecord | null> {
  const batch = parseBatchPredictionId(id);
  if (batch) return findBatchRecord(env, db, deploymentId, batch, id);
  const place = parsePredictionId(deploymentId, id);
  if (!place) return null;
  const { host, segment, index } = place;
  // Only hosts that have registered are asked: an id made up by a caller must not create an object.
  const wanted = hostName(host);
  if (!(await listHosts(db, deploymentId)).some(({ name }) => name === wanted)) return null;
  const record = await hostStub(env, host).record(segment, index);
  return record ? { ...record, version: host.version, predictionId: id } : null;
}

async function findBatchRecord(
  env: Env,
  db: Database,
  deploymentId: string,
  { runId, row }: { runId: string; row: number },
  id: string,
): Promise<PredictionRecord | null> {
  const run = await findRecordedRun(db, deploymentId, runId);
  const record = run && (await runRecordsStub(env, run.name).record(row));
  return record && { ...record, version: run.versionNumber, predictionId: id };
}

/** Of a regression, models disagree from a share of the target's spread on. */
async function toleranceOf(env: Env, db: Database, deploymentId: string): Promise<number | null> {
  const deployment = await findDeployment(db, deploymentId);
  const spec = deployment && (await findServingSpec(db, deploymentId, deployment.currentVersion));
  return spec && agreementTolerance(env, db, spec);
}

type Ends = Map<string, { segment: number; index: number }>;

function writeCursor(ends: Ends): string {
  return btoa(JSON.stringify([...ends].map(([name, { segment, index }]) => [name, segment, index])));
}

function readCursor(cursor: string | null): Ends {
  if (cursor === null) return new Map();
  try {
    const entries: unknown = JSON.parse(atob(cursor));
    if (!Array.isArray(entries)) throw new TypeError("no list");
    return new Map(
      entries.map(([name, segment, index]) => [String(name), { segment: Number(segment), index: Number(index) }]),
    );
  } catch {
    throw invalid("cursor", "Invalid cursor. Leave it out to start with the newest.", "invalid cursor");
  }
}
