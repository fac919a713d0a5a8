import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoadOrder, LoadResult } from "./load.ts";

/** A server in a separate process, with all processes that it starts. */
export interface Server {
  url: string;
  /** CPU time of the process and its children so far, all threads, ms. */
  cpuMs: () => Promise<number>;
  /** Their current memory, bytes. */
  rssBytes: () => Promise<number>;
  stop: () => Promise<void>;
}

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own tick. */
const MS_PER_TICK = 10;
const PAGE_BYTES = 4_096;

/** Starts one of the *-server files of this folder, which receives `settings` in a message and answers with its URL. */
export async function startServer(file: string, settings: object): Promise<Server> {
  const child = fork(join(import.meta.dirname, file), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  child.send(settings);
  const [url] = await Promise.race([once(child, "message"), failure(child, file)]);
  const pid = child.pid ?? 0;
  return {
    url: String(url),
    cpuMs: async () => cpuMsOf(await familyOf(pid)),
    rssBytes: async () => {
      const stats = await Promise.all((await familyOf(pid)).map((member) => statOf(member)));
      return stats.reduce((sum, { pages }) => sum + pages, 0) * PAGE_BYTES;
    },
    stop: async () => {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

/** Sends load from a separate process. Throws if an answer was not 200, because a refusal is quicker than an answer. */
export async function sendLoad(order: LoadOrder): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, "load.ts"));
  child.send(order);
  const [result] = (await Promise.race([once(child, "message"), failure(child, "load.ts")])) as [LoadResult];
  if (result.failures > 0)
    throw new Error(`${order.url}: ${result.failures} calls failed; the first: ${result.firstFailure}`);
  return result;
}

async function failure(child: ChildProcess, what: string): Promise<never> {
  const [code] = await once(child, "exit");
  throw new Error(`${what} ended with ${code} before it answered`);
}

async function cpuMsOf(pids: number[]): Promise<number> {
  const ticks = await Promise.all(pids.map(async (pid) => (await statOf(pid)).ticks));
  return ticks.reduce((sum, count) => sum + count, 0) * MS_PER_TICK;
}

/** A process and its descendants. */
async function familyOf(root: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const parents = new Map<number, number>();
  for (const pid of pids) parents.set(pid, (await statOf(pid)).parent);
  const family = [root];
  for (const member of family) family.push(...pids.filter((pid) => parents.get(pid) === member));
  return family;
}

/** Parent, CPU ticks and resident pages of a process; zeros if it has ended. */
async function statOf(pid: number): Promise<{ parent: number; ticks: number; pages: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // pid (command) state parent …: the command may contain blanks, so fields are counted from its closing bracket.
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return { parent: fields[1] ?? 0, ticks: (fields[11] ?? 0) + (fields[12] ?? 0), pages: fields[21] ?? 0 };
}
