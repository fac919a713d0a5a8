import { emailSettings } from "../../config.ts";
import { database } from "../../db.ts";
import { type DeploymentView, deploymentView } from "../deployments/deployment-shell.tsx";
import type { AppContext } from "../../http.ts";
import type { Alert } from "../../alerts/alert-message.ts";
import { METRICS } from "../../alerts/alert-rules.ts";
import { isAllowed } from "../../access/rights.ts";
import { targetOf } from "../../deployments/find-deployment.ts";
import { listAlerts } from "../../alerts/queries.ts";

export interface AlertsView extends DeploymentView {
  alerts: { alert: Alert; mayDelete: boolean }[];
  /** That the task of the deployment has. */
  metrics: readonly string[];
  /** Whether the operator has set how. */
  sendsEmail: boolean;
}

/** All that the page of alerts shows. */
export async function alertsView(c: AppContext): Promise<AlertsView> {
  const view = await deploymentView(c);
  const { deployment } = view;
  const alerts = await listAlerts(database(c.env), deployment.id);
  return {
    ...view,
    alerts: alerts.map((alert) => ({
      alert,
      mayDelete: isAllowed(c.var.caller, "delete", { ...targetOf(deployment), createdBy: alert.createdBy }),
    })),
    metrics: METRICS[deployment.task],
    sendsEmail: emailSettings(c.env) !== null,
  };
}
