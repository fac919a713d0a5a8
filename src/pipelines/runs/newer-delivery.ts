import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { iso } from "../../lib/time.ts";
import { objectKey } from "../delivery/deliver-s3.ts";
import { DeliveryError } from "../delivery/delivery-error.ts";
import { destinationKind } from "../delivery/destination-kind.ts";
import { deliveries, type Destination, runs } from "../schema.ts";
import type { DeliveryRow } from "./run-progress.ts";

interface Delivered {
  runId: string;
  destination: Destination;
  /** When its run began, UTC ms. */
  startedAt: number | null;
  /** The slot, or when somebody asked for the run, UTC ms. */
  moment: number;
}

/**
 * Throws DeliveryError where a newer run of the same pipeline has delivered to the same place and this delivery would put older rows over
 * its rows: a run that is retried late changes nothing then. What only adds rows is delivered.
 */
export async function refuseOlder(db: Database, delivery: DeliveryRow, startedAtMs: number): Promise<void> {
  const mine = { runId: delivery.runId, destination: delivery.destination, startedAt: startedAtMs };
  const newer = await newerDeliveries(db, delivery);
  const [over] = newer.filter((other) => isOverwritten(mine, other));
  if (!over) return;
  throw new DeliveryError(
    "superseded",
    `A newer run, of ${iso(over.moment)}, has already delivered here, and the rows of this run are older. Nothing was delivered.`,
  );
}

/** Of the newest run first. */
async function newerDeliveries(db: Database, { runId, connectionId }: DeliveryRow): Promise<Delivered[]> {
  const momentOf = (table: string) => sql<number>`coalesce(${sql.raw(table)}.slot, ${sql.raw(table)}."createdAt")`;
  const moment = momentOf('"runs"');
  const isNewer = sql`exists (select 1 from ${runs} as mine where mine.id = ${runId}
    and mine."pipelineId" = "runs"."pipelineId" and ${moment} > ${momentOf("mine")})`;
  return db
    .select({ runId: deliveries.runId, destination: deliveries.destination, startedAt: runs.startedAt, moment })
    .from(deliveries)
    .innerJoin(runs, eq(runs.id, deliveries.runId))
    .where(and(eq(deliveries.state, "succeeded"), eq(deliveries.connectionId, connectionId), isNewer))
    .orderBy(sql`${moment} desc`);
}

function isOverwritten(mine: Omit<Delivered, "moment">, other: Delivered): boolean {
  const [to, there] = [destinationKind(mine.destination), destinationKind(other.destination)];
  switch (to.kind) {
    case "table":
      return to.mode !== "append" && there.kind === "table" && there.table === to.table;
    case "object":
      return there.kind === "object" && keyOf(to.key_pattern, mine) === keyOf(there.key_pattern, other);
    case "message":
      return false;
  }
}

function keyOf(pattern: string, { runId, startedAt }: Omit<Delivered, "moment">): string {
  return objectKey(pattern, { id: runId, position: 0, startedAtMs: startedAt ?? 0 });
}
