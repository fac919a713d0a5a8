import { readFile } from "node:fs/promises";
import type { D1Database } from "@cloudflare/workers-types";
import { runtimeProcesses } from "./runtime-process.ts";

/** Linux counts a process's CPU time in hundredths of a second, whatever the machine. */
const MS_PER_TICK = 10;
const PAGE_BYTES = 4_096;

/** What the processes of the runtime have used since they began, and hold now. */
interface Used {
  cpuMs: number;
  rssBytes: number;
}

/**
 * Writes down, at each call, the CPU time that the runtime used since the call before and the memory it holds: a Worker cannot measure
 * either from inside. Where there is no /proc nothing is written, and the pages say that it is not known.
 */
export function runtimeSampler(database: Pick<D1Database, "prepare">): () => Promise<void> {
  let before: Used | null = null;
  return async () => {
    const now = await usedByRuntime();
    // The first look knows no time between.
    if (now && before && now.cpuMs >= before.cpuMs) {
      await database
        .prepare('insert into process_samples ("at", "cpuMs", "rssBytes") values (?, ?, ?) on conflict do nothing')
        .bind(Date.now(), now.cpuMs - before.cpuMs, now.rssBytes)
        .run();
    }
    before = now;
  };
}

async function usedByRuntime(): Promise<Used | null> {
  const used = { cpuMs: 0, rssBytes: 0 };
  const pids = await runtimeProcesses();
  if (pids.length === 0) return null;
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
    if (stat === null) return null;
    // Behind the closing bracket of the command: state is field 0, user and system time 11 and 12, resident pages 21.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    used.cpuMs += ((fields[11] ?? 0) + (fields[12] ?? 0)) * MS_PER_TICK;
    used.rssBytes += (fields[21] ?? 0) * PAGE_BYTES;
  }
  return used;
}
