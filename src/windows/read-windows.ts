import { and, eq, gte, inArray, isNotNull, isNull, lt, or, type SQL } from "drizzle-orm";
import type { Database } from "../db.ts";
import { hostPlace, parseHostName } from "../deployments/host-name.ts";
import { hostStub } from "../deployments/reach-host.ts";
import { deploymentHosts } from "../deployments/schema.ts";
import { type Counts, decodeCounts } from "./counts.ts";
import { monitoringWindows } from "./schema.ts";
import type { RecordSource, Span, WindowRow } from "./window-log.ts";

export interface WindowQuery {
  deploymentId: string;
  currentVersion: number;
  /** Only windows that were counted by the bins of this experiment version; null: all, whose features do not add up then. */
  referenceId: string | null;
  /** Whole spans: a window belongs when it starts in [fromMs, toMs). */
  span: Span;
  fromMs: number;
  toMs: number;
  /** One deployment version; null: all. */
  version: number | null;
  source: RecordSource | "all";
}

/** The parts of a window: they are read apart, because together they are large. */
export type WindowPart = "features" | "answers" | "usage";

/** What one host has counted in one span. Parts that were not asked for are empty. */
export interface ReadWindow {
  start: number;
  version: number;
  host: string;
  source: RecordSource;
  rows: number;
  computeMs: number;
  features: Counts;
  answers: Counts;
  usage: Counts;
}

export interface WindowsRead {
  /** By start. */
  windows: ReadWindow[];
  /** False when a host with counts of its own could not be asked: then the newest hour may lack some. */
  isComplete: boolean;
}

/** A host that takes longer than this to say what it has counted is left out, so that a chart does not wait for it. */
const PATIENCE_MS = 3_000;

/**
 * The windows that fit a query: those in the store, and those that hosts have not pushed yet, asked for in the same moment. All that was
 * answered before the call is in them. What a host says of a span stands in the place of what the store has.
 */
export async function readWindows(
  env: Env,
  db: Database,
  query: WindowQuery,
  parts: readonly WindowPart[],
): Promise<WindowsRead> {
  const [stored, hosts] = await db.batch([selectWindows(db, query, parts), selectUnpushed(db, query)]);
  const asked = await Promise.all(hosts.map(({ name }) => askHost(env, name, query)));
  const found = new Map<string, ReadWindow>();
  for (const row of stored) found.set(windowKey(row), decode(row, parts));
  for (const { version, place, rows } of asked.filter((answer) => answer !== null)) {
    for (const row of rows) {
      const window = { ...row, version, host: place };
      found.set(windowKey(window), decode(window, parts));
    }
  }
  return {
    windows: [...found.values()].sort((one, other) => one.start - other.start),
    isComplete: !asked.includes(null),
  };
}

function selectWindows(db: Database, query: WindowQuery, parts: readonly WindowPart[]) {
  const { start, version, host, source, rows, computeMs, ...columns } = monitoringWindows;
  const conditions: SQL[] = [
    eq(monitoringWindows.deploymentId, query.deploymentId),
    eq(monitoringWindows.span, query.span),
    gte(start, query.fromMs),
    lt(start, query.toMs),
  ];
  if (query.referenceId !== null) conditions.push(eq(monitoringWindows.referenceId, query.referenceId));
  if (query.version !== null) conditions.push(eq(version, query.version));
  if (query.source !== "all") conditions.push(eq(source, query.source));
  const wanted = Object.fromEntries(parts.map((part) => [part, columns[part]])) as Partial<
    Pick<typeof columns, WindowPart>
  >;
  return db
    .select({ start, version, host, source, rows, computeMs, ...wanted })
    .from(monitoringWindows)
    .where(and(...conditions));
}

/** The hosts that may have counted what the store does not have: those that said so, and those that answer now. */
function selectUnpushed(db: Database, { deploymentId, currentVersion, version }: WindowQuery) {
  const mayHave = or(isNotNull(deploymentHosts.unpushedSince), eq(deploymentHosts.versionNumber, currentVersion));
  return db
    .select({ name: deploymentHosts.name })
    .from(deploymentHosts)
    .where(
      and(
        eq(deploymentHosts.deploymentId, deploymentId),
        isNull(deploymentHosts.runAt),
        mayHave,
        version === null ? undefined : inArray(deploymentHosts.versionNumber, [version]),
      ),
    );
}

async function askHost(
  env: Env,
  name: string,
  query: WindowQuery,
): Promise<{ version: number; place: string; rows: WindowRow[] } | null> {
  const host = parseHostName(name);
  try {
    const late = scheduler.wait(PATIENCE_MS).then(() => null);
    const rows = await Promise.race([hostStub(env, host).openWindows(), late]);
    return rows && { version: host.version, place: hostPlace(host), rows: rows.filter((row) => fits(row, query)) };
  } catch (error) {
    console.error(`host ${name} did not say what it has counted`, error);
    return null;
  }
}

function fits(row: WindowRow, { span, fromMs, toMs, referenceId, source }: WindowQuery): boolean {
  return (
    row.span === span &&
    row.start >= fromMs &&
    row.start < toMs &&
    (referenceId === null || row.referenceId === referenceId) &&
    (source === "all" || row.source === source)
  );
}

function windowKey({
  start,
  version,
  host,
  source,
}: Pick<ReadWindow, "start" | "version" | "host" | "source">): string {
  return `${start} ${version} ${host} ${source}`;
}

function decode(
  row: Omit<ReadWindow, WindowPart> & Partial<Record<WindowPart, string>>,
  parts: readonly WindowPart[],
): ReadWindow {
  const read = (part: WindowPart): Counts => (parts.includes(part) ? decodeCounts(row[part] ?? "{}") : new Map());
  const { start, version, host, source, rows, computeMs } = row;
  return {
    start,
    version,
    host,
    source,
    rows,
    computeMs,
    features: read("features"),
    answers: read("answers"),
    usage: read("usage"),
  };
}
