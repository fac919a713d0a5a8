import type { Database } from "../db.ts";
import { listHosts } from "../deployments/queries.ts";
import { hostOfPlace, hostPlace, parseHostName } from "../deployments/host-name.ts";
import { hostStub } from "../deployments/reach-host.ts";
import { AppError } from "../errors.ts";
import type { PageRequest } from "../http.ts";
import { findDeployment } from "../deployments/find-deployment.ts";
import { agreementTolerance } from "./fold-plan.ts";
import { findServingSpec } from "./find-serving-spec.ts";
import { parsePredictionId, predictionId } from "./prediction-id.ts";
import type { StoredRecord } from "./records.ts";

/** A recorded prediction, with the place that its id names. */
export interface PredictionRecord extends StoredRecord {
  predictionId: string;
  version: number;
}

export interface RecordQuery {
  fromMs: number;
  toMs: number;
  version: number | null;
  disagree: boolean;
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
  const hosts = (await listHosts(db, deploymentId)).filter(
    (host) => query.version === null || host.versionNumber === query.version,
  );
  const pages = await Promise.all(
    hosts.map(async ({ name }) => {
      const host = parseHostName(name);
      const before = ends.get(name) ?? null;
      const { records, more } = await hostStub(env, host).records({ ...query, tolerance, limit: page.limit, before });
      const items = records.map((record) => ({
        ...record,
        version: host.version,
        predictionId: predictionId({
          version: host.version,
          host: hostPlace(host),
          segment: record.segment,
          index: record.index,
        }),
      }));
      return { name, items, more };
    }),
  );
  const merged = pages
    .flatMap(({ name, items }) => items.map((item) => ({ name, item })))
    .sort(
      (one, other) =>
        other.item.at - one.item.at || other.item.segment - one.item.segment || other.item.index - one.item.index,
    );
  const shown = merged.slice(0, page.limit);
  for (const { name, item } of shown) ends.set(name, { segment: item.segment, index: item.index });
  const more = merged.length > shown.length || pages.some((hostPage) => hostPage.more);
  return { items: shown.map(({ item }) => item), nextCursor: more ? writeCursor(ends) : null };
}

/** One record; null when the id names none of this deployment's. */
export async function findRecord(
  env: Env,
  db: Database,
  deploymentId: string,
  id: string,
): Promise<PredictionRecord | null> {
  const place = parsePredictionId(id);
  const host = place && hostOfPlace(deploymentId, place.version, place.host);
  if (!host) return null;
  // Only hosts that have registered are asked: an id made up by a caller must not create an object.
  const hosts = (await listHosts(db, deploymentId)).map(({ name }) => parseHostName(name));
  if (!hosts.some((known) => known.version === host.version && hostPlace(known) === hostPlace(host))) return null;
  const record = await hostStub(env, host).record(place.segment, place.index);
  return record ? { ...record, version: host.version, predictionId: id } : null;
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
    throw new AppError("invalid_input", "cursor is none of ours. Leave it out to begin with the newest.", {
      errors: [{ path: "cursor", message: "not a cursor of this list" }],
    });
  }
}
