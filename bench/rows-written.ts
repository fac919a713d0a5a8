import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What all hosts have stored, added up. */
export interface Written {
  /** The rows of storage written for that, as Cloudflare bills them. */
  rows: number;
  predictions: number;
  segments: number;
}

/**
 * Counts in the SQLite files of the hosts: a segment was one row written; a run of the challenger two, the mark before it and
 * its outputs after. The alarm that is set every ten seconds is not in the files.
 */
export async function countWritten(dataDir: string): Promise<Written> {
  const files = await readdir(join(dataDir, "store"), { recursive: true, withFileTypes: true });
  const hosts = files.filter((file) => file.name.endsWith(".sqlite") && file.parentPath.endsWith("DeploymentHost"));
  const written: Written = { rows: 0, predictions: 0, segments: 0 };
  for (const { parentPath, name } of hosts) {
    const store = new DatabaseSync(join(parentPath, name), { readOnly: true, timeout: 5_000 });
    const hasLog = store.prepare("select 1 from sqlite_master where name = 'segments'").get();
    if (hasLog) {
      const { segments, predictions } = numbersOf(
        store,
        "select count(*) as segments, coalesce(sum(rows), 0) as predictions from segments",
      );
      const { runs } = numbersOf(store, "select count(*) as runs from challenger_outputs");
      written.segments += segments ?? 0;
      written.predictions += predictions ?? 0;
      written.rows += (segments ?? 0) + 2 * (runs ?? 0);
    }
    store.close();
  }
  return written;
}

function numbersOf(store: DatabaseSync, query: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(store.prepare(query).get() ?? {}).map(([name, value]) => [name, Number(value)]),
  );
}
