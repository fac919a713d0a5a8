import { and, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import type { DeploymentRow } from "../deployments/find-deployment.ts";
import { insertWhere } from "../insert-where.ts";
import { newId } from "../lib/id.ts";
import type { AlertStanding } from "./after-look.ts";
import { type Alert, alertMessage, type AlertMessage } from "./alert-message.ts";
import type { Measured } from "./measured.ts";
import { alertDeliveries, alertIncidents, alerts } from "./schema.ts";

const CHECK_FAILED = "The last check failed with a server error. It is repeated every minute.";

/**
 * Keeps what a look found, how the alert stands after it, the incident that began or ended, and the message that tells so: all of it or
 * nothing. Where the alert has been looked at again or deleted meanwhile, nothing is written. Repeating is safe.
 */
export async function keepLook(
  db: Database,
  alert: Alert,
  deployment: Pick<DeploymentRow, "id" | "slug" | "name">,
  measured: Measured,
  { event, ...standing }: AlertStanding & { event: "firing" | "resolved" | null },
  nowMs: number,
): Promise<void> {
  const update = db
    .update(alerts)
    .set({ ...standing, lastValue: measured.value, lastDetail: measured.detail, checkError: null })
    .where(isStill(alert));
  if (event === null) {
    await update;
    return;
  }
  const message = alertMessage(event, alert, deployment, measured, nowMs);
  const [first, second] =
    event === "firing"
      ? openIncident(db, alert, measured.value ?? 0, message, nowMs)
      : closeIncident(db, alert, message, nowMs);
  // The update comes last: the others ask whether the alert is still as it was.
  await db.batch([first, second, update]);
}

/** Notes that a look failed; the alert stays as it stands. */
export async function keepCheckError(db: Database, alert: Alert): Promise<void> {
  await db.update(alerts).set({ checkError: CHECK_FAILED }).where(isStill(alert));
}

function isStill({ id, lastCheckedAt }: Alert): SQL | undefined {
  return and(eq(alerts.id, id), eq(alerts.lastCheckedAt, lastCheckedAt ?? 0));
}

/** One that is open stays the only one: its unique index lets no second one in, and then there is no message either. */
function openIncident(db: Database, alert: Alert, value: number, message: AlertMessage, nowMs: number) {
  const id = newId("inc");
  const incident = { id, alertId: alert.id, startedAt: nowMs, value };
  return [
    insertWhere(db, alertIncidents, incident, isStill(alert), sql`${alerts}`).onConflictDoNothing(),
    insertMessage(db, eq(alertIncidents.id, id), message, nowMs),
  ] as const;
}

function closeIncident(db: Database, alert: Alert, message: AlertMessage, nowMs: number) {
  const still = db.select({ id: alerts.id }).from(alerts).where(isStill(alert));
  const open = and(inArray(alertIncidents.alertId, still), isNull(alertIncidents.resolvedAt));
  return [
    insertMessage(db, open, message, nowMs),
    db.update(alertIncidents).set({ resolvedAt: nowMs }).where(open),
  ] as const;
}

/** A message in the outbox for the incident that is there, if one is. */
function insertMessage(db: Database, which: SQL | undefined, message: AlertMessage, nowMs: number) {
  const delivery = {
    id: newId("dlv"),
    alertId: sql`${alertIncidents.alertId}`,
    incidentId: sql`${alertIncidents.id}`,
    event: message.event === "resolved" ? "resolved" : "firing",
    message: JSON.stringify(message),
    state: "pending",
    nextAttemptAt: nowMs,
    createdAt: nowMs,
  } as const;
  return insertWhere(db, alertDeliveries, delivery, which, sql`${alertIncidents}`).onConflictDoNothing();
}
