import { median, shown, table } from "./figures.ts";
import type { FeatureRow } from "./rows.ts";
import type { Target } from "./seed.ts";
import type { Server } from "./servers.ts";

/** Calls after which a deployment counts as warm. */
const CALLS = 20;

/** How long the first calls take: to new deployments, and after a restart of the runtime. */
export async function measureFirstAnswers(settings: {
  fresh: readonly Target[];
  server: Server;
  restart: () => Promise<Server>;
  restarts: number;
  rows: readonly FeatureRow[];
}): Promise<string> {
  const [features = {}] = settings.rows;
  const body = JSON.stringify({ features });
  let { server } = settings;
  const fresh: number[][] = [];
  for (const target of settings.fresh) fresh.push(await callInTurn(server, target, body));
  const restarted: number[][] = [];
  for (let turn = 0; turn < settings.restarts; turn += 1) {
    server = await settings.restart();
    const [target] = settings.fresh;
    if (target) restarted.push(await callInTurn(server, target, body));
  }
  const rows = [
    ["a new deployment", ...milliseconds(fresh)],
    ["after a runtime start", ...milliseconds(restarted)],
  ];
  return table(["", "first answer, ms", "second, ms", `median of ${CALLS} more, ms`], rows);
}

/** The milliseconds of consecutive calls, on connections of Node's fetch. */
async function callInTurn(server: Server, { path, key }: Target, body: string): Promise<number[]> {
  const taken: number[] = [];
  for (let call = 0; call < CALLS + 2; call += 1) {
    const startedMs = performance.now();
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const response = await fetch(server.url + path, { method: "POST", headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`the call was refused: ${text}`);
    taken.push(performance.now() - startedMs);
  }
  return taken;
}

function milliseconds(runs: readonly number[][]): string[] {
  const of = (figure: (run: number[]) => number): string => shown(median(runs.map(figure)));
  return [of((run) => run[0] ?? Number.NaN), of((run) => run[1] ?? Number.NaN), of((run) => median(run.slice(2)))];
}
