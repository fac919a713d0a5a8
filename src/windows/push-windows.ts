import { and, eq, lte } from "drizzle-orm";
import type { Database } from "../db.ts";
import { type HostName, hostName, hostPlace } from "../deployments/host-name.ts";
import { deploymentHosts } from "../deployments/schema.ts";
import { monitoringWindows } from "./schema.ts";
import type { WindowRow } from "./window-log.ts";

/** Rows written by one batch of statements: a row may have hundreds of kilobytes. */
const ROWS_PER_BATCH = 20;

/**
 * Writes what a host has counted to the store. An older push that comes later changes nothing. `isAll` says that the host holds nothing
 * else: then readers need not ask it. Repeating is safe.
 */
export async function pushWindows(
  db: Database,
  host: HostName,
  rows: readonly WindowRow[],
  isAll: boolean,
): Promise<void> {
  await writeWindows(db, { ...host, place: hostPlace(host) }, rows);
  if (isAll) await noteUnpushed(db, host, null);
}

/** Who has counted windows: a place is a name within the version. */
export interface WindowWriter {
  deploymentId: string;
  version: number;
  place: string;
}

/** Writes windows to the store, each whole. An older revision that comes later changes nothing. Repeating is safe. */
export async function writeWindows(db: Database, writer: WindowWriter, rows: readonly WindowRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_PER_BATCH) {
    const [first, ...others] = rows.slice(from, from + ROWS_PER_BATCH).map((row) => upsert(db, writer, row));
    if (first) await db.batch([first, ...others]);
  }
}

/** Notes since when a host holds counts that are not in the store; null: it holds none. */
export async function noteUnpushed(db: Database, host: HostName, sinceMs: number | null): Promise<void> {
  await db
    .update(deploymentHosts)
    .set({ unpushedSince: sinceMs })
    .where(and(eq(deploymentHosts.name, hostName(host)), eq(deploymentHosts.deploymentId, host.deploymentId)));
}

function upsert(db: Database, writer: WindowWriter, row: WindowRow) {
  const key = { deploymentId: writer.deploymentId, version: writer.version, host: writer.place };
  const { span, start, source, ...counted } = row;
  const { deploymentId, version } = monitoringWindows;
  return db
    .insert(monitoringWindows)
    .values({ ...key, span, start, source, ...counted })
    .onConflictDoUpdate({
      target: [
        deploymentId,
        monitoringWindows.span,
        monitoringWindows.start,
        version,
        monitoringWindows.host,
        monitoringWindows.source,
      ],
      set: counted,
      setWhere: lte(monitoringWindows.revision, counted.revision),
    });
}
