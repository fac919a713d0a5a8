import { deploymentPath, DeploymentShell } from "../deployments/deployment-shell.tsx";
import { ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { CopyField } from "../../ui/code-block.tsx";
import { Form, FormActions } from "../../ui/form-layout.tsx";
import type { Alert } from "../../alerts/alert-message.ts";
import { alertLabel, thresholdText } from "../../alerts/alert-words.ts";
import { AlertsCard } from "./alerts-card.tsx";
import type { AlertsView } from "./view.ts";
import type { Delivered } from "../../alerts/send-message.ts";
import { type AlertForm, NewAlertCard } from "./new-alert-card.tsx";

export interface AlertsPageProps {
  view: AlertsView;
  form?: AlertForm;
  /** The alert that was just made; `secret` signs its messages. */
  created?: { alert: Alert; secret: string | null };
  /** What became of a test message. */
  tested?: { alert: Alert; result: Delivered };
}

/** Where the alerts of a deployment are. */
export function alertsPath(deployment: Parameters<typeof deploymentPath>[0]): string {
  return `${deploymentPath(deployment)}/alerts`;
}

/** The alerts of a deployment and the form for a new one. */
export function AlertsPage({ view, form = { fields: {}, errors: [] }, created, tested }: AlertsPageProps) {
  const path = alertsPath(view.deployment);
  return (
    <DeploymentShell view={view} section="monitoring" below="Alerts">
      {created && <Created {...created} />}
      {tested && (
        <Callout
          level={tested.result.ok ? "success" : "error"}
          title={tested.result.ok ? "Test message sent" : "Test message not delivered"}
          live
        >
          {alertLabel(tested.alert)}: {tested.result.detail}
        </Callout>
      )}
      <AlertsCard view={view} path={path} />
      {view.mayChange && <NewAlertCard view={view} form={form} action={path} />}
    </DeploymentShell>
  );
}

function Created({ alert, secret }: NonNullable<AlertsPageProps["created"]>) {
  return (
    <Callout level="success" title={`Alert created: ${alertLabel(alert)}, ${thresholdText(alert)}`} live>
      {secret === null ? (
        "Send a test message to check that messages arrive."
      ) : (
        <CopyField
          id="signing-secret"
          label="Signing secret"
          value={secret}
          hint="The receiver uses it to verify that messages come from here. Shown only once. Copy it now."
        />
      )}
    </Callout>
  );
}

/** Asks whether the alert is to be deleted. */
export function DeleteAlertPage({ view, alert }: { view: AlertsView; alert: Alert }) {
  const path = alertsPath(view.deployment);
  return (
    <DeploymentShell view={view} section="monitoring" below="Delete an alert">
      <div class="measure">
        <Card title={`Delete the alert: ${alertLabel(alert)}, ${thresholdText(alert)}?`} tone="danger">
          <Form action={`${path}/${alert.id}/delete`}>
            <Callout level="warning">
              It sends no further messages, also not that it is resolved. Its incidents are deleted with it.
            </Callout>
            <FormActions>
              <SubmitButton label="Delete alert" variant="danger" />
              <ButtonLink href={path}>Cancel</ButtonLink>
            </FormActions>
          </Form>
        </Card>
      </div>
    </DeploymentShell>
  );
}
