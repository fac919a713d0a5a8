import { and, asc, eq, getTableColumns, isNull, lt, lte, notExists, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { Database } from "../db.ts";
import { deployments } from "../deployments/schema.ts";
import { inParallel } from "../lib/in-parallel.ts";
import { MINUTE_MS } from "../lib/time.ts";
import { type Alert, alertMessageSchema } from "./alert-message.ts";
import { deliver } from "./deliver.ts";
import { alertDeliveries, alerts } from "./schema.ts";
import type { Delivered } from "./send-message.ts";

const PER_TICK = 40;
/** A Worker has six connections at a time. */
const AT_A_TIME = 5;
/** With the pauses between them they take a little over two hours. */
export const ATTEMPTS_MAX = 8;

type Delivery = typeof alertDeliveries.$inferSelect;

/**
 * Sends the messages that are due. One that does not arrive is tried again after 1, 2, 4 … minutes under the same id, and given up after
 * eight attempts. Repeating is safe: an attempt is counted before it is made, so two ticks at the same time do not make the same one.
 */
export async function sendAlertMessages(env: Env, db: Database, nowMs: number): Promise<void> {
  await inParallel(await selectDue(db, nowMs), AT_A_TIME, async ({ delivery, alert }) => {
    try {
      await send(env, db, delivery, alert, nowMs);
    } catch (error) {
      console.error(`message ${delivery.id} was not sent`, error);
    }
  });
}

/** An incident's end is not told before its beginning, and messages of one alert go out one after the other. */
function selectDue(db: Database, nowMs: number): Promise<{ delivery: Delivery; alert: Alert }[]> {
  const earlier = alias(alertDeliveries, "earlier");
  const waiting = db
    .select({ one: sql`1` })
    .from(earlier)
    .where(
      and(
        eq(earlier.alertId, alertDeliveries.alertId),
        eq(earlier.state, "pending"),
        lt(earlier.createdAt, alertDeliveries.createdAt),
      ),
    );
  return db
    .select({ delivery: getTableColumns(alertDeliveries), alert: getTableColumns(alerts) })
    .from(alertDeliveries)
    .innerJoin(alerts, eq(alerts.id, alertDeliveries.alertId))
    .innerJoin(deployments, eq(deployments.id, alerts.deploymentId))
    .where(
      and(
        eq(alertDeliveries.state, "pending"),
        lte(alertDeliveries.nextAttemptAt, nowMs),
        isNull(deployments.deletedAt),
        notExists(waiting),
      ),
    )
    .orderBy(asc(alertDeliveries.nextAttemptAt), asc(alertDeliveries.id))
    .limit(PER_TICK);
}

async function send(env: Env, db: Database, delivery: Delivery, alert: Alert, nowMs: number): Promise<void> {
  const attempt = delivery.attempts + 1;
  if (attempt > ATTEMPTS_MAX) {
    // The Worker died during the last one.
    await keepResult(db, delivery, { ok: false, detail: "The last attempt was interrupted." }, ATTEMPTS_MAX);
    return;
  }
  const [claimed] = await db
    .update(alertDeliveries)
    .set({ attempts: attempt, nextAttemptAt: nowMs + pauseMs(attempt) })
    .where(
      and(
        eq(alertDeliveries.id, delivery.id),
        eq(alertDeliveries.state, "pending"),
        eq(alertDeliveries.attempts, delivery.attempts),
      ),
    )
    .returning({ id: alertDeliveries.id });
  if (!claimed) return;
  const message = alertMessageSchema.parse(JSON.parse(delivery.message));
  await keepResult(db, delivery, await deliver(env, alert, delivery.id, message, nowMs), attempt);
}

async function keepResult(db: Database, delivery: Delivery, { ok, detail }: Delivered, attempt: number): Promise<void> {
  const isLast = attempt >= ATTEMPTS_MAX;
  const state = ok ? "delivered" : isLast ? "given_up" : "pending";
  const next = isLast
    ? `Tiltyard gave up after ${ATTEMPTS_MAX} attempts.`
    : `Next attempt in ${pauseMs(attempt) / MINUTE_MS} min.`;
  const error = ok ? null : detail;
  await db.batch([
    db
      .update(alertDeliveries)
      .set({ state, lastError: error })
      .where(and(eq(alertDeliveries.id, delivery.id), eq(alertDeliveries.state, "pending"))),
    db
      .update(alerts)
      .set({ deliveryError: error && `The last message was not delivered. ${error} ${next}` })
      .where(eq(alerts.id, delivery.alertId)),
  ]);
}

function pauseMs(attempt: number): number {
  return MINUTE_MS * 2 ** (attempt - 1);
}
