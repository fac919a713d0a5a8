import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { inject } from "vitest";
import type { LocalOptions } from "../../scripts/local-instance.ts";
import { childrenOf } from "./tiltyard-process.ts";

const SETUP_TOKEN = "setup-token-of-the-tests";

/** An instance of the Worker that the run has built, in a process of its own: one that is started again and again starts in a second. */
export class BuiltInstance {
  readonly url: string;
  readonly setupToken = SETUP_TOKEN;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Starts one over the store in `dataDir`; resolves once it answers. Without a port it takes a free one. */
  static async start(dataDir: string, port = 0): Promise<BuiltInstance> {
    const options: LocalOptions = { port, dataDir, setupToken: SETUP_TOKEN, workerDir: inject("workerDir") };
    const child = fork(join(import.meta.dirname, "local-server.ts"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    child.send(options);
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the instance ended with ${code} before it was ready`);
    });
    const [url] = await Promise.race([once(child, "message"), ended]);
    return new BuiltInstance(child, String(url));
  }

  /** Ends the process and the runtime below it without a chance to write anything, as a power failure does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    const pid = this.#child.pid ?? 0;
    for (const one of [...(await childrenOf(pid)), pid]) process.kill(one, "SIGKILL");
    await ended;
  }
}
