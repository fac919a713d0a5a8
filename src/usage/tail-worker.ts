import { sql } from "drizzle-orm";
import { database } from "../db.ts";
import { HOUR_MS } from "../lib/time.ts";
import { billedCpu } from "./schema.ts";

/**
 * A Worker of its own, deployed beside the instance (docs/usage.md): Cloudflare tells it what each invocation of a Durable Object was
 * billed, which nothing inside the invocation can measure. It adds the CPU time up by object and hour.
 */
export default {
  async tail(events: readonly BilledEvent[], env: Pick<Env, "DB">): Promise<void> {
    const sums = sumByObject(events);
    const [first, ...others] = [...sums.values()].map((sum) =>
      database(env)
        .insert(billedCpu)
        .values(sum)
        .onConflictDoUpdate({
          target: [billedCpu.objectId, billedCpu.start],
          set: {
            cpuMs: sql`${billedCpu.cpuMs} + excluded."cpuMs"`,
            invocations: sql`${billedCpu.invocations} + excluded."invocations"`,
          },
        }),
    );
    if (first) await database(env).batch([first, ...others]);
  },
};

/** What is read of an event. */
type BilledEvent = Pick<TraceItem, "durableObjectId" | "eventTimestamp" | "cpuTime">;
type Sum = typeof billedCpu.$inferInsert;

/** What was billed for each object in each hour; events of no object are left out. */
function sumByObject(events: readonly BilledEvent[]): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { durableObjectId: objectId, eventTimestamp, cpuTime } of events) {
    if (objectId === undefined || eventTimestamp === null) continue;
    const start = Math.floor(eventTimestamp / HOUR_MS) * HOUR_MS;
    const sum = sums.get(`${objectId} ${start}`) ?? { objectId, start, cpuMs: 0, invocations: 0 };
    sum.cpuMs += cpuTime;
    sum.invocations += 1;
    sums.set(`${objectId} ${start}`, sum);
  }
  return sums;
}
