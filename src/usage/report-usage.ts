import { and, eq, gte, inArray, lt, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { deploymentHosts } from "../deployments/schema.ts";
import { iso } from "../lib/time.ts";
import type { Monitored } from "../monitoring/monitored.ts";
import { BUCKET_MS, type TimeSpan } from "../monitoring/time-span.ts";
import type { ModelRole } from "../windows/answer-counts.ts";
import { type Merged, byStart, mergeWindows } from "../windows/merge-windows.ts";
import { readWindows } from "../windows/read-windows.ts";
import { computeMs, latencyQuantile, usageOf } from "../windows/usage-counts.ts";
import { CPU_MEASURED_HOW, MEASURED_HOW, type Measured } from "./measured-how.ts";
import { billedCpu, processSamples } from "./schema.ts";

/** What one model did in a bucket. What is not known is null. */
export interface ModelUsage {
  /** Of the challenger, calls of which it answered a row. */
  calls: number;
  rows: number;
  errors: number;
  /** Of main only: nobody waits for the challenger. */
  latency_ms: { p50: number | null; p95: number | null; p99: number | null };
  compute_ms: number | null;
  cpu_ms: number | null;
  memory_bytes: number | null;
}

export interface UsagePoint {
  at: string;
  main: ModelUsage;
  challenger: ModelUsage | null;
  /** Of the whole instance, on one's own machine; null on Cloudflare, where nobody knows it. */
  instance: { cpu_ms: number; memory_bytes: number } | null;
}

/** The answer of GET .../usage. */
export interface UsageReport {
  series: UsagePoint[];
  total: Omit<UsagePoint, "at" | "instance">;
  measured: Measured;
  /** False when a host could not be asked for its newest counts. */
  complete: boolean;
}

/** CPU of a bucket: what was billed for the deployment's objects, and what the instance's process used for everything. */
interface BucketCpu {
  billedMs: number | null;
  process: { cpuMs: number; rssBytes: number } | null;
}

/**
 * What a deployment did and took in a span, bucket by bucket, each figure with how it was measured. Of all versions, whatever their
 * reference.
 */
export async function reportUsage(
  { env, db, nowMs }: { env: Env; db: Database; nowMs: number },
  { deployment, challenger }: Monitored,
  span: TimeSpan,
): Promise<UsageReport> {
  const query = {
    ...span,
    span: span.bucket,
    deploymentId: deployment.id,
    currentVersion: deployment.currentVersion,
    referenceId: null,
  };
  const [{ windows, isComplete }, cpu] = await Promise.all([
    readWindows(env, db, query, ["usage"]),
    readCpu(db, deployment.id, span),
  ]);
  const buckets = byStart(windows);
  const hasChallenger = challenger !== null || windows.some(({ usage }) => usage.has("challenger"));
  const series = [...buckets].map(([start, own]): UsagePoint => {
    const merged = mergeWindows(own);
    const bucket = cpu.get(start);
    return {
      at: iso(start),
      ...usageOfBoth(merged, hasChallenger, bucket ?? null),
      instance: bucket?.process ? { cpu_ms: bucket.process.cpuMs, memory_bytes: bucket.process.rssBytes } : null,
    };
  });
  const isBilled = [...cpu.values()].some(({ billedMs }) => billedMs !== null);
  const isSampled = [...cpu.values()].some(({ process }) => process !== null);
  const total = usageOfBoth(mergeWindows(windows), hasChallenger, null);
  const cpuTotal = (role: ModelRole) => sumKnown(series.map((point) => point[role]?.cpu_ms ?? null));
  return {
    series: series.filter(({ at }) => Date.parse(at) <= nowMs),
    total: {
      main: { ...total.main, cpu_ms: cpuTotal("main") },
      challenger: total.challenger && { ...total.challenger, cpu_ms: cpuTotal("challenger") },
    },
    complete: isComplete,
    measured: {
      ...MEASURED_HOW,
      cpu_ms: CPU_MEASURED_HOW[isBilled ? "billed" : isSampled ? "sampled" : "unknown"],
    },
  };
}

function usageOfBoth(merged: Merged, hasChallenger: boolean, cpu: BucketCpu | null) {
  const computed = {
    main: computeMs(merged.usage, "main") ?? 0,
    challenger: computeMs(merged.usage, "challenger") ?? 0,
  };
  const own = computed.main + computed.challenger;
  const cpuOf = (role: ModelRole): number | null => {
    if (!cpu || cpu.billedMs === null || own === 0) return null;
    return (cpu.billedMs * computed[role]) / own;
  };
  return {
    main: modelUsage(merged, "main", cpuOf("main")),
    challenger: hasChallenger ? modelUsage(merged, "challenger", cpuOf("challenger")) : null,
  };
}

function modelUsage({ usage }: Merged, role: ModelRole, cpuMs: number | null): ModelUsage {
  const looks = usageOf(usage, role, "memoryLooks");
  const latency = (q: number) => (role === "main" ? latencyQuantile(usage, q) : null);
  return {
    calls: usageOf(usage, role, "calls"),
    rows: usageOf(usage, role, "rows"),
    errors: usageOf(usage, role, "errors"),
    latency_ms: { p50: latency(0.5), p95: latency(0.95), p99: latency(0.99) },
    compute_ms: computeMs(usage, role),
    cpu_ms: cpuMs,
    memory_bytes: looks === 0 ? null : usageOf(usage, role, "memoryBytes") / looks,
  };
}

async function readCpu(db: Database, deploymentId: string, span: TimeSpan): Promise<Map<number, BucketCpu>> {
  // Written out, because a bound number is a float to the store, and then nothing is rounded down.
  const bucketMs = sql.raw(String(BUCKET_MS[span.bucket]));
  const startOf = (column: unknown) => sql<number>`${column} / ${bucketMs} * ${bucketMs}`;
  const { fromMs, toMs } = span;
  const hosts = db
    .select({ objectId: deploymentHosts.objectId })
    .from(deploymentHosts)
    .where(eq(deploymentHosts.deploymentId, deploymentId));
  const [billed, sampled] = await db.batch([
    db
      .select({ start: startOf(billedCpu.start), cpuMs: sql<number>`sum(${billedCpu.cpuMs})` })
      .from(billedCpu)
      .where(and(inArray(billedCpu.objectId, hosts), gte(billedCpu.start, fromMs), lt(billedCpu.start, toMs)))
      .groupBy(startOf(billedCpu.start)),
    db
      .select({
        start: startOf(processSamples.at),
        cpuMs: sql<number>`sum(${processSamples.cpuMs})`,
        rssBytes: sql<number>`avg(${processSamples.rssBytes})`,
      })
      .from(processSamples)
      .where(and(gte(processSamples.at, fromMs), lt(processSamples.at, toMs)))
      .groupBy(startOf(processSamples.at)),
  ]);
  const buckets = new Map<number, BucketCpu>();
  const bucketAt = (start: number): BucketCpu => {
    const present = buckets.get(start) ?? { billedMs: null, process: null };
    buckets.set(start, present);
    return present;
  };
  for (const { start, cpuMs } of billed) bucketAt(start).billedMs = cpuMs;
  for (const { start, cpuMs, rssBytes } of sampled) bucketAt(start).process = { cpuMs, rssBytes };
  return buckets;
}

function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
