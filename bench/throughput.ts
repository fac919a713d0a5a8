import { setTimeout as sleep } from "node:timers/promises";
import { median, shown, table } from "./figures.ts";
import { bodiesOf, type FeatureRow } from "./rows.ts";
import { countWritten, type Written } from "./rows-written.ts";
import { type Server, sendLoad } from "./servers.ts";

/** A server that answers calls: Tiltyard, the no-op, or a peer. */
export interface Contender {
  name: string;
  server: Server;
  path: string;
  headers: Record<string, string>;
}

export interface ThroughputSettings {
  contenders: Contender[];
  /** The name of the contender by which the others are divided. */
  yardstick: string;
  /** The names of Tiltyard with and without a challenger: the rows of storage of the first are counted, and their latencies compared. */
  withChallenger: string;
  withoutChallenger: string;
  dataDir: string;
  rows: readonly FeatureRow[];
  rounds: number;
  seconds: number;
}

interface Window {
  callsPerSecond: number;
  cpuUsPerCall: number;
  latencyMsP50: number;
  latencyMsP99: number;
}

/** The loads: concurrent connections, and rows in a call. */
const LOADS = [
  { connections: 16, rowsPerCall: 1 },
  { connections: 64, rowsPerCall: 1 },
  { connections: 16, rowsPerCall: 64 },
];
/** The pause after a window, until the challenger has caught up: its cost belongs to the calls that caused it. */
const SETTLE_MS = 800;
const WARM_SECONDS = 2;

/** Measures all contenders in turn, several rounds of each load, and returns the tables as text. */
export async function measureThroughput(settings: ThroughputSettings): Promise<string> {
  const tables: string[] = [];
  for (const load of LOADS) {
    const bodies = bodiesOf(settings.rows, load.rowsPerCall);
    for (const contender of settings.contenders) await oneWindow(contender, bodies, load.connections, WARM_SECONDS);
    const windows = new Map<string, Window[]>(settings.contenders.map(({ name }) => [name, []]));
    const written: Written = { rows: 0, predictions: 0, segments: 0 };
    for (let round = 0; round < settings.rounds; round += 1) {
      for (const contender of settings.contenders) {
        const before = await countWritten(settings.dataDir);
        windows.get(contender.name)?.push(await oneWindow(contender, bodies, load.connections, settings.seconds));
        if (contender.name === settings.withChallenger)
          addDifference(written, before, await countWritten(settings.dataDir));
      }
    }
    const calls = load.rowsPerCall === 1 ? "calls of one row" : `calls of ${load.rowsPerCall} rows`;
    tables.push(`### ${load.connections} connections, ${calls}`, tableOf(settings, windows, load.rowsPerCall));
    tables.push(`${challengerText(settings, windows)}\n${writtenText(written)}`);
  }
  return tables.join("\n\n");
}

async function oneWindow(
  { server, path, headers }: Contender,
  bodies: string[],
  connections: number,
  seconds: number,
): Promise<Window> {
  const cpuMsBefore = await server.cpuMs();
  const result = await sendLoad({ url: server.url + path, headers, bodies, connections, seconds });
  await sleep(SETTLE_MS);
  const cpuMs = (await server.cpuMs()) - cpuMsBefore;
  const { requestsPerSecond, requests, latencyMsP50, latencyMsP99 } = result;
  return { callsPerSecond: requestsPerSecond, cpuUsPerCall: (cpuMs * 1_000) / requests, latencyMsP50, latencyMsP99 };
}

function tableOf(
  { yardstick, contenders }: ThroughputSettings,
  windows: ReadonlyMap<string, Window[]>,
  rowsPerCall: number,
): string {
  const standard = windows.get(yardstick) ?? [];
  const header = ["", "predictions/s", "ratio", "p50 ms", "p99 ms", "CPU µs a call", "CPU ratio"];
  const rows = contenders.map(({ name }) => {
    const own = windows.get(name) ?? [];
    return [
      name,
      shown(median(own.map(({ callsPerSecond }) => callsPerSecond * rowsPerCall))),
      shown(ratio(own, standard, ({ callsPerSecond }) => callsPerSecond)),
      shown(median(own.map(({ latencyMsP50 }) => latencyMsP50))),
      shown(median(own.map(({ latencyMsP99 }) => latencyMsP99))),
      shown(median(own.map(({ cpuUsPerCall }) => cpuUsPerCall))),
      // Inverted, so that above 1 is better than the yardstick here too.
      shown(ratio(standard, own, ({ cpuUsPerCall }) => cpuUsPerCall)),
    ];
  });
  return table(header, rows);
}

/** The median over the rounds of the ratio within a round: on a noisy machine, only neighbours in time can be compared. */
export function ratio<T>(over: readonly T[], under: readonly T[], figure: (window: T) => number): number {
  return median(
    over.flatMap((window, round) => {
      const other = under[round];
      return other ? [figure(window) / figure(other)] : [];
    }),
  );
}

function challengerText(
  { withChallenger, withoutChallenger }: ThroughputSettings,
  windows: ReadonlyMap<string, Window[]>,
): string {
  const of = (figure: (window: Window) => number): string =>
    shown(ratio(windows.get(withChallenger) ?? [], windows.get(withoutChallenger) ?? [], figure));
  return `Ratio with challenger to without: p50 ${of((window) => window.latencyMsP50)}, p99 ${of((window) => window.latencyMsP99)}.`;
}

function addDifference(sum: Written, before: Written, after: Written): void {
  sum.rows += after.rows - before.rows;
  sum.predictions += after.predictions - before.predictions;
  sum.segments += after.segments - before.segments;
}

function writtenText({ rows, predictions, segments }: Written): string {
  const perThousand = shown((rows * 1_000) / predictions);
  return `Rows of storage written per 1,000 predictions, challenger included: ${perThousand} (${shown(predictions / segments)} predictions a segment).`;
}
