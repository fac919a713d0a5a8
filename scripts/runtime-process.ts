import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The runtime is a process of its own. When this one is killed hard it stays, with the port and the store in its hands. */
const FILE = "runtime-pid";

/** Notes the runtime's process, so that the next start can end it if it was left behind. */
export async function noteRuntime(dataDir: string): Promise<void> {
  const pids = await childrenNamed("workerd");
  await writeFile(join(dataDir, FILE), pids.join("\n"));
}

/** Ends a runtime that a killed start left behind. Only what was noted, and is still a runtime, is touched. */
export async function endStrayRuntime(dataDir: string): Promise<void> {
  const path = join(dataDir, FILE);
  const text = await readFile(path, "utf8").catch(() => "");
  for (const pid of text.split("\n").filter((line) => line !== "").map(Number)) {
    if ((await commandOf(pid))?.includes("workerd")) process.kill(pid, "SIGKILL");
  }
  await rm(path, { force: true });
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
