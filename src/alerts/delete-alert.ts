import { and, eq } from "drizzle-orm";
import { authorize } from "../access/authorize.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { requireDeployment, targetOf } from "../deployments/find-deployment.ts";
import type { VerbContext } from "../verb-context.ts";
import { auditedAlert } from "./audited-alert.ts";
import { requireAlert } from "./queries.ts";
import { alerts } from "./schema.ts";

/** Deletes an alert with its incidents and what was still to be sent: contributors may delete what they made, project admins any. */
export async function deleteAlert(context: VerbContext, input: { deployment: string; alert: string }): Promise<void> {
  const { db, caller } = context;
  const deployment = await requireDeployment(db, caller, input.deployment, "change");
  const alert = await requireAlert(db, deployment.id, input.alert);
  authorize(caller, "delete", { ...targetOf(deployment), createdBy: alert.createdBy });
  const write = db.delete(alerts).where(and(eq(alerts.id, alert.id), eq(alerts.deploymentId, deployment.id)));
  await auditedChange(context, write, auditedAlert(deployment, alert, "delete"));
}
