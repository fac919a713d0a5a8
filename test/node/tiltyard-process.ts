import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const START_MS_MAX = 90_000;

/** `npm start`, or another script of the project in `root`, as a process of its own: signals go to npm, as a supervisor sends them. */
export class TiltyardProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = "";

  constructor(port: number, dataDir: string, settings: Record<string, string>, script = "start", root = ROOT) {
    this.url = `http://127.0.0.1:${port}`;
    const env: NodeJS.ProcessEnv = { ...process.env, PORT: String(port), DATA_DIR: dataDir, ...settings };
    // The tests have one of their own, for the Worker that runs inside them.
    Reflect.deleteProperty(env, "SETUP_TOKEN");
    this.#child = spawn("npm", ["run", script], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#ended = new Promise((resolved) => this.#child.on("exit", (code) => resolved(code)));
  }

  /** All that it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Resolves once /health answers 200; throws with the output when that does not happen. */
  async ready(): Promise<this> {
    const end = Date.now() + START_MS_MAX;
    while (Date.now() < end && this.#child.exitCode === null) {
      if (await this.isHealthy()) return this;
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error(`Tiltyard did not start:\n${this.#output}`);
  }

  async isHealthy(): Promise<boolean> {
    return fetch(`${this.url}/health`).then(
      (response) => response.status === 200,
      () => false,
    );
  }

  /** Resolves once it has printed a match; throws with the output otherwise. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error(`${String(pattern)} was not printed:\n${this.#output}`);
  }

  /** Sends the signal that a terminal or a supervisor sends; resolves with the exit code and how long it took. */
  async stop(signal: "SIGTERM" | "SIGINT"): Promise<{ signal: string; code: number | null; ms: number }> {
    const startedAt = Date.now();
    this.#child.kill(signal);
    const code = await this.#ended;
    return { signal, code, ms: Date.now() - startedAt };
  }

  /** Ends this process and the runtime below it without a chance to write anything, as a power failure does. */
  async kill(): Promise<void> {
    const runtimes = await childrenOf(this.#child.pid ?? 0);
    for (const pid of [...runtimes, this.#child.pid ?? 0]) process.kill(pid, "SIGKILL");
    await this.#ended;
  }

  /** For the end of a test, whatever has happened. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
  }
}

/** Every process below `pid`, from /proc. */
export async function childrenOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    // pid (command) state parent …: the command may hold blanks and brackets.
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) !== pid) continue;
    found.push(Number(entry), ...(await childrenOf(Number(entry))));
  }
  return found;
}

/** A directory that no other test uses, and its removal. */
export async function temporaryDir(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "tiltyard-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
