import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The runtime is a process of its own. When `npm start` is killed hard the runtime stays, with the port and the store in its
 * hands; so each start notes both processes, and the next one ends a runtime whose start is gone.
 */
const FILE = "processes.json";

interface Noted {
  start: number;
  runtime: number[];
}

/** Notes this process and its runtime. */
export async function noteProcesses(dataDir: string): Promise<void> {
  const noted: Noted = { start: process.pid, runtime: await runtimeProcesses() };
  await writeFile(join(dataDir, FILE), JSON.stringify(noted));
}

/** The processes of this start's runtime; [] where the machine does not tell. */
export function runtimeProcesses(): Promise<number[]> {
  return childrenNamed("workerd");
}

/** Forgets them: the stop was a clean one. */
export async function forgetProcesses(dataDir: string): Promise<void> {
  await rm(join(dataDir, FILE), { force: true });
}

/**
 * Ends a runtime that a killed start left behind. Only what was noted, and is still a runtime, is touched.
 * Throws when the start that noted it is alive: two on one store would damage each other.
 */
export async function endStrayRuntime(dataDir: string): Promise<void> {
  const text = await readFile(join(dataDir, FILE), "utf8").catch(() => null);
  if (text === null) return;
  const noted: Noted = JSON.parse(text);
  if ((await commandOf(noted.start))?.match(/(start|dev)\.ts/)) {
    throw new Error(
      `Tiltyard is running on ${dataDir} already (process ${noted.start}). Stop it first, or set DATA_DIR and PORT.`,
    );
  }
  for (const pid of noted.runtime) {
    if ((await commandOf(pid))?.includes("workerd")) process.kill(pid, "SIGKILL");
  }
  await forgetProcesses(dataDir);
}

/** Reads /proc; where there is none, nothing is found and nothing is ended. */
async function childrenNamed(name: string): Promise<number[]> {
  const entries = await readdir("/proc").catch(() => []);
  const found: number[] = [];
  for (const pid of entries.filter((entry) => /^\d+$/.test(entry)).map(Number)) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    // pid (command) state parent …: the command may hold blanks, so the parent is counted from its closing bracket.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (parent === process.pid && (await commandOf(pid))?.includes(name)) found.push(pid);
  }
  return found;
}

async function commandOf(pid: number): Promise<string | null> {
  return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => null);
}
