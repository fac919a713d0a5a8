import { asc, eq, inArray, isNull, lte, or, and } from "drizzle-orm";
import type { Database } from "../db.ts";
import { type Deployment, describeDeployments } from "../deployments/queries.ts";
import { deployments } from "../deployments/schema.ts";
import { inParallel } from "../lib/in-parallel.ts";
import { MINUTE_MS } from "../lib/time.ts";
import { projects } from "../projects/schema.ts";
import { afterLook, type Reading } from "./after-look.ts";
import type { Alert } from "./alert-message.ts";
import { isBreached } from "./alert-rules.ts";
import { keepCheckError, keepLook } from "./keep-look.ts";
import { measureFor } from "./measure-for.ts";
import type { Measured } from "./measured.ts";
import { alerts } from "./schema.ts";

/** Alerts looked at by one tick; the ones that waited longest come first. D1 binds at most 100 parameters a statement. */
const PER_TICK = 80;
const DEPLOYMENTS_AT_A_TIME = 5;
/** An alert that was looked at less than this ago is not due: a tick that is repeated counts nothing twice. */
const PAUSE_MS = MINUTE_MS / 2;

/**
 * Looks at the alerts that are due, and writes what is to be told of them: one message when an incident begins, one when it ends.
 * Repeating is safe; an alert whose look fails says so, and keeps none of the others from being looked at.
 */
export async function evaluateAlerts(env: Env, db: Database, nowMs: number): Promise<void> {
  const due = await claimDue(db, nowMs);
  if (due.length === 0) return;
  const byDeployment = Map.groupBy(due, ({ deploymentId }) => deploymentId);
  const rows = await db
    .select()
    .from(deployments)
    .where(inArray(deployments.id, [...byDeployment.keys()]));
  await inParallel(await describeDeployments(db, rows), DEPLOYMENTS_AT_A_TIME, async (deployment) => {
    const measure = measureFor({ env, db, nowMs }, deployment);
    for (const alert of byDeployment.get(deployment.id) ?? []) {
      try {
        await lookAt(db, alert, deployment, await measure(alert), nowMs);
      } catch (error) {
        console.error(`alert ${alert.id} was not looked at`, error);
        await keepCheckError(db, alert).catch((failure: unknown) => console.error(`alert ${alert.id}`, failure));
      }
    }
  });
}

/** Takes the due ones by writing when they are looked at: of two ticks at the same time, each alert goes to one. */
function claimDue(db: Database, nowMs: number): Promise<Alert[]> {
  const due = db
    .select({ id: alerts.id })
    .from(alerts)
    .innerJoin(deployments, eq(deployments.id, alerts.deploymentId))
    .innerJoin(projects, eq(projects.id, deployments.projectId))
    .where(
      and(
        isNull(deployments.deletedAt),
        isNull(projects.deletedAt),
        or(isNull(alerts.lastCheckedAt), lte(alerts.lastCheckedAt, nowMs - PAUSE_MS)),
      ),
    )
    .orderBy(asc(alerts.lastCheckedAt), asc(alerts.id))
    .limit(PER_TICK);
  return db.update(alerts).set({ lastCheckedAt: nowMs }).where(inArray(alerts.id, due)).returning();
}

async function lookAt(
  db: Database,
  alert: Alert,
  deployment: Deployment,
  measured: Measured,
  nowMs: number,
): Promise<void> {
  await keepLook(db, alert, deployment, measured, afterLook(alert, readingOf(alert, measured), nowMs), nowMs);
}

/** What is missing from a partial measure may be what is wrong: it can begin an incident, and not end one. */
function readingOf(alert: Alert, { value, isPartial }: Measured): Reading {
  if (value === null) return "unknown";
  if (isBreached(alert, value)) return "breached";
  return isPartial ? "unknown" : "fine";
}
