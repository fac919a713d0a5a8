import type { Change } from "../audit/audit.ts";
import type { DeploymentRow } from "../deployments/find-deployment.ts";
import type { Alert } from "./alert-message.ts";
import { alertLabel } from "./alert-words.ts";

/** The audit entry of an alert that was made or deleted. Of a webhook it keeps the host only: the rest of such a URL often is a secret. */
export function auditedAlert(deployment: DeploymentRow, alert: Alert, verb: "create" | "delete"): Change {
  const { id, kind, threshold, metric, notifyBy, notifyTo } = alert;
  const facts = {
    deployment: deployment.slug,
    kind,
    threshold,
    ...(metric !== null && { metric }),
    [notifyBy]: notifyBy === "webhook" ? new URL(notifyTo).host : notifyTo,
  };
  return {
    projectId: deployment.projectId,
    action: `alert.${verb}`,
    object: { kind: "alert", id, name: alertLabel(alert) },
    ...(verb === "create" ? { after: facts } : { before: facts }),
  };
}
