import { lt } from "drizzle-orm";
import type { Database } from "../db.ts";
import { DAY_MS } from "../lib/time.ts";
import { billedCpu, processSamples } from "./schema.ts";

/** As long as windows by day are kept. */
const KEPT_MS = 800 * DAY_MS;

/** Deletes what is older than usage is shown for. Repeating is safe. */
export async function expireSamples(db: Database, nowMs: number): Promise<void> {
  await db.batch([
    db.delete(processSamples).where(lt(processSamples.at, nowMs - KEPT_MS)),
    db.delete(billedCpu).where(lt(billedCpu.start, nowMs - KEPT_MS)),
  ]);
}
