import { and, desc, eq } from "drizzle-orm";
import { behindCursor, listPage, type ListPage } from "../list-cursor.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { PageRequest } from "../http.ts";
import type { Alert } from "./alert-message.ts";
import { alerts } from "./schema.ts";

/** A page of the alerts of a deployment, newest first. */
export async function pageOfAlerts(db: Database, deploymentId: string, page: PageRequest): Promise<ListPage<Alert>> {
  const rows = await db
    .select()
    .from(alerts)
    .where(and(eq(alerts.deploymentId, deploymentId), behindCursor(alerts.createdAt, alerts.id, page)))
    .orderBy(desc(alerts.createdAt), desc(alerts.id))
    .limit(page.limit + 1);
  return listPage(rows, page);
}

/** All alerts of a deployment, newest first. */
export async function listAlerts(db: Database, deploymentId: string): Promise<Alert[]> {
  return db
    .select()
    .from(alerts)
    .where(eq(alerts.deploymentId, deploymentId))
    .orderBy(desc(alerts.createdAt), desc(alerts.id));
}

/** An alert of a deployment; 404 when the deployment has none with this id. Asks for no right. */
export async function requireAlert(db: Database, deploymentId: string, id: string): Promise<Alert> {
  const alert = await db
    .select()
    .from(alerts)
    .where(and(eq(alerts.id, id), eq(alerts.deploymentId, deploymentId)))
    .get();
  if (!alert) throw new AppError("not_found", "Alert not found.");
  return alert;
}
