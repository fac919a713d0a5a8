import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { startLocal } from "../../scripts/local-instance.ts";
import { Answer } from "../support/answer.ts";

const SETUP_TOKEN = "setup-token-of-the-tests";
const WAIT_MS_MAX = 60_000;
const POLL_MS = 50;

/** The whole product on this machine, empty but for its first admin, whose rights the calls have. */
export interface ZooInstance {
  call: (method: string, path: string, body?: object) => Promise<Answer>;
  /** Polls `path` until the text at `key` is one of `ends`; throws with the last answer when it takes longer than a minute, or `msMax`. */
  waitFor: (path: string, key: string, ends: readonly string[], msMax?: number) => Promise<Answer>;
  /** Resident memory of the runtime's processes in bytes; null where there is no /proc. */
  residentBytes: () => Promise<number | null>;
  stop: () => Promise<void>;
}

/** Starts the Worker that the run has built on a free port, with a store of its own. */
export async function startZooInstance(): Promise<ZooInstance> {
  const folder = await mkdtemp(join(tmpdir(), "tiltyard-zoo-"));
  const workerDir = inject("workerDir");
  const local = await startLocal({ port: 0, dataDir: join(folder, "data"), setupToken: SETUP_TOKEN, workerDir });
  const headers = new Headers({ accept: "application/json" });
  const call: ZooInstance["call"] = async (method, path, body) =>
    Answer.of(await send(new URL(path, local.url), method, headers, body));
  const admin = { email: "zoo@tiltyard.test", name: "Zoo", password: "password of the zoo" };
  const set = await call("POST", "/api/v1/setup", { setup_token: SETUP_TOKEN, ...admin });
  headers.set("authorization", `Bearer ${set.text("token")}`);
  return {
    call,
    waitFor: async (path, key, ends, msMax = WAIT_MS_MAX) => {
      const deadlineMs = Date.now() + msMax;
      for (;;) {
        const answer = await call("GET", path);
        if (ends.includes(answer.text(key))) return answer;
        if (Date.now() > deadlineMs) throw new Error(`${path} still says ${JSON.stringify(answer.body)}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    residentBytes,
    stop: async () => {
      await local.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Objects travel as JSON, FormData as multipart. */
function send(url: URL, method: string, shared: Headers, body: object | undefined): Promise<Response> {
  if (body === undefined) return fetch(url, { method, headers: shared });
  if (body instanceof FormData) return fetch(url, { method, headers: shared, body });
  const headers = new Headers(shared);
  headers.set("content-type", "application/json");
  return fetch(url, { method, headers, body: JSON.stringify(body) });
}

async function residentBytes(): Promise<number | null> {
  const entries = await readdir("/proc").catch(() => []);
  let kilobytes = 0;
  for (const pid of entries.filter((entry) => /^\d+$/.test(entry))) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
    if (Number(parent) === process.pid && /^Name:\s+workerd/m.test(status)) {
      kilobytes += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? "0");
    }
  }
  return kilobytes === 0 ? null : kilobytes * 1024;
}
