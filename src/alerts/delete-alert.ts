import { and, eq } from "drizzle-orm";
import { authorize, requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { requireDeployment, targetOf } from "../deployments/find-deployment.ts";
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
  authorize(caller, "delete", { ...targetOf(deployment), createdBy: alert.createdBy });
  const [deleted] = await db
    .delete(alerts)
    .where(and(eq(alerts.id, alert.id), eq(alerts.deploymentId, deployment.id)))
    .returning({ id: alerts.id });
  // Of two at the same time, one has done it.
  if (deleted) await writeAudit(db, requireUser(caller), auditedAlert(deployment, alert, "delete"), nowMs);
}
