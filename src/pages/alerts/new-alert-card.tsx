import { errorAt } from "../page-form.ts";
import { LIMITS } from "../../config.ts";
import { metricLabel } from "../../experiments/metrics/metric-facts.ts";
import { SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { FieldRow, Form, FormActions, type FormError, FormErrors } from "../../ui/form-layout.tsx";
import { NumberField, SelectField, TextField } from "../../ui/forms.tsx";
import { formatNumber } from "../../lib/format.ts";
import { KINDS } from "../../alerts/alert-kinds.ts";
import type { AlertsView } from "./view.ts";
import { ALERT_KINDS } from "../../alerts/schema.ts";

/** What was typed, by the names of the fields, and what is wrong with it. */
export interface AlertForm {
  fields: Partial<Record<string, string>>;
  errors: FormError[];
}

/** The form for a new alert; `action` is where alerts are. */
export function NewAlertCard({ view, form, action }: { view: AlertsView; form: AlertForm; action: string }) {
  const { fields, errors } = form;
  if (view.alerts.length >= LIMITS.alertsPerDeploymentMax)
    return (
      <Card title="New alert">
        <p>A deployment may have {LIMITS.alertsPerDeploymentMax} alerts. Delete one that is not needed.</p>
      </Card>
    );
  return (
    <Card title="New alert">
      <Form action={action}>
        <FormErrors errors={errors} />
        <SelectField
          name="kind"
          label="Watch"
          value={fields["kind"] ?? "drift"}
          options={ALERT_KINDS.map((kind) => ({
            value: kind,
            label: `${KINDS[kind].label}: ${KINDS[kind].description}`,
          }))}
          error={errorAt(errors, "kind")}
          required
        />
        <FieldRow>
          <NumberField
            name="threshold"
            label="Threshold"
            value={fields["threshold"]}
            hint={`Default: ${defaultsText()}. Required for a metric.`}
            error={errorAt(errors, "threshold")}
          />
          <SelectField
            name="metric"
            label="Metric"
            value={fields["metric"]}
            placeholder="The headline metric of the task"
            options={view.metrics.map((name) => ({ value: name, label: metricLabel(name) }))}
            hint="For performance only"
            error={errorAt(errors, "metric")}
          />
        </FieldRow>
        <Receivers view={view} form={form} />
        <FormActions>
          <SubmitButton label="Create alert" icon="plus" />
        </FormActions>
      </Form>
    </Card>
  );
}

function Receivers({ view: { sendsEmail }, form: { fields, errors } }: { view: AlertsView; form: AlertForm }) {
  return (
    <FieldRow>
      <TextField
        name="notify.webhook_url"
        label="Webhook URL"
        value={fields["notify.webhook_url"]}
        placeholder="https://"
        hint="Receives signed JSON. Slack webhooks show its text."
        error={errorAt(errors, "notify.webhook_url") ?? errorAt(errors, "notify")}
        attributes={{ autocomplete: "off", inputmode: "url" }}
        markOptional={false}
      />
      <TextField
        name="notify.email"
        label="Or e-mail"
        type="email"
        value={fields["notify.email"]}
        hint={sendsEmail ? "One of both" : "The operator of this instance has not set up e-mail."}
        error={errorAt(errors, "notify.email")}
        disabled={!sendsEmail}
        markOptional={false}
      />
    </FieldRow>
  );
}

function defaultsText(): string {
  const defaults = ALERT_KINDS.flatMap((kind) => {
    const { label, threshold } = KINDS[kind];
    return threshold.default === null ? [] : [`${formatNumber(threshold.default)} for ${label.toLowerCase()}`];
  });
  return defaults.join(", ");
}
