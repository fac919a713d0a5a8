import { and, eq } from "drizzle-orm";
import { requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { type DeploymentRow, requireDeployment } from "../deployments/find-deployment.ts";
import { mayDelete, requireMayDelete } from "../deployments/may-delete.ts";
import type { Alert } from "./alert-message.ts";
import { auditedAlert } from "./audited-alert.ts";
import { requireAlert } from "./queries.ts";
import { alerts } from "./schema.ts";

/** Deletes an alert with its incidents and what was still to be sent: contributors may delete what they made, project admins any. */
export async function deleteAlert(
  db: Database,
  caller: Caller,
  deploymentIdOrSlug: string,
  id: string,
  nowMs: number,
): Promise<void> {
  const deployment = await requireDeployment(db, caller, deploymentIdOrSlug, "change");
  const alert = await requireAlert(db, deployment.id, id);
  requireMayDeleteAlert(caller, deployment, alert);
  const [deleted] = await db
    .delete(alerts)
    .where(and(eq(alerts.id, alert.id), eq(alerts.deploymentId, deployment.id)))
    .returning({ id: alerts.id });
  // Of two at the same time, one has done it.
  if (deleted) await writeAudit(db, requireUser(caller), auditedAlert(deployment, alert, "delete"), nowMs);
}

/** Throws 403 where the caller may not delete the alert. */
export function requireMayDeleteAlert(caller: Caller, deployment: DeploymentRow, { createdBy }: Alert): void {
  requireMayDelete(caller, { ...deployment, createdBy });
}

/** Whether the caller may delete the alert: for showing or hiding what does. */
export function mayDeleteAlert(caller: Caller, deployment: DeploymentRow, { createdBy }: Alert): boolean {
  return mayDelete(caller, { ...deployment, createdBy });
}
