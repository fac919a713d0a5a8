import { plural } from "../../../lib/format.ts";
import { METHODS } from "../../../monitoring/drift/methods.ts";
import type { ReferenceColumn } from "../../../windows/reference-column.ts";
import { ButtonLink, SubmitButton } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { FieldRow, Form, FormActions, type FormError, FormErrors } from "../../../ui/form-layout.tsx";
import { CheckboxField, NumberField, RadioCards, SelectField, TextField } from "../../../ui/forms.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { DeploymentShell } from "../../deployments/deployment-shell.tsx";
import { errorAt } from "../../page-form.ts";
import { KIND_WORDS } from "../drift/view.ts";
import { possibleMethods } from "../view.ts";
import { fieldsOf, type MonitoringSettingsView, type SettingsFields } from "./view.ts";

export interface SettingsPageProps {
  view: MonitoringSettingsView;
  /** What was typed and refused. */
  form?: { fields: SettingsFields; errors: FormError[] };
  isSaved?: boolean;
}

/** How the drift of a deployment is judged: what it is compared with, and method, threshold and mute of each feature. */
export function SettingsPage({ view, form, isSaved = false }: SettingsPageProps) {
  const { kept, path, mayChange, columns, nowMs } = view;
  const fields = form?.fields ?? fieldsOf(kept);
  const errors = form?.errors ?? [];
  return (
    <DeploymentShell view={view} section="monitoring" below="Settings">
      {isSaved && (
        <Callout level="success" title="Settings saved" live>
          Pages, reports and alerts use them from now on.
        </Callout>
      )}
      <Form action={path}>
        <FormErrors errors={errors} />
        <Card title="Reference" description="What the windows of the deployment are compared with.">
          <ReferenceFields fields={fields} errors={errors} disabled={!mayChange} />
        </Card>
        <Card
          title="Features"
          description="A muted feature is still shown, but it does not count for the state of the deployment or for alerts."
          flush
        >
          <Table caption="Features" rows={columns} columns={featureColumns(fields, errors, !mayChange)} />
        </Card>
        {mayChange ? (
          <FormActions>
            <SubmitButton label="Save settings" />
            <ButtonLink href={path.replace(/\/settings$/, "")}>Cancel</ButtonLink>
          </FormActions>
        ) : (
          <p class="muted">A contributor of the project can change the settings.</p>
        )}
      </Form>
      {kept.updatedAt !== null && (
        <p class="muted small">
          Last changed <Timestamp atMs={kept.updatedAt} nowMs={nowMs} />. The audit log says by whom.
        </p>
      )}
    </DeploymentShell>
  );
}

interface FieldsProps {
  fields: SettingsFields;
  errors: FormError[];
  disabled: boolean;
}

function ReferenceFields({ fields, errors, disabled }: FieldsProps) {
  return (
    <>
      <RadioCards
        name="reference"
        label="Compare with"
        value={fields["reference"] ?? "training"}
        cards={[
          { value: "training", label: "Training data", description: "The rows that the main model was trained on." },
          {
            value: "span",
            label: "A time of this deployment",
            description: "What it recorded from one day to another.",
          },
          {
            value: "previous",
            label: "The same time before",
            description: "What it recorded a number of days earlier.",
          },
        ]}
        error={errorAt(errors, "reference")}
        disabled={disabled}
      />
      <FieldRow>
        <TextField
          name="from"
          label="First day (UTC)"
          type="date"
          value={fields["from"]}
          hint="For a time of this deployment"
          error={errorAt(errors, "from")}
          disabled={disabled}
          markOptional={false}
        />
        <TextField
          name="to"
          label="Last day (UTC)"
          type="date"
          value={fields["to"]}
          error={errorAt(errors, "to")}
          disabled={disabled}
          markOptional={false}
        />
        <NumberField
          name="offset_days"
          label="Days earlier"
          min={1}
          max={365}
          step={1}
          value={fields["offset_days"]}
          hint="For the same time before: 7 compares with the week before"
          error={errorAt(errors, "offset_days")}
          disabled={disabled}
          markOptional={false}
        />
      </FieldRow>
    </>
  );
}

function featureColumns(fields: SettingsFields, errors: FormError[], disabled: boolean): Column<ReferenceColumn>[] {
  const label = (what: string, { name }: ReferenceColumn) => (
    <span class="visually-hidden">
      {what} of {name}
    </span>
  );
  return [
    {
      key: "feature",
      header: "Feature",
      primary: true,
      cell: ({ name, kind, distinct }) => (
        <>
          {name}
          <p class="cell-note">
            {KIND_WORDS[kind]}
            {distinct !== null && `, ${plural(distinct, "value")}`}
          </p>
        </>
      ),
    },
    {
      key: "method",
      header: "Method",
      cell: (column) => (
        <SelectField
          name={`method:${column.name}`}
          label={label("Method", column)}
          value={fields[`method:${column.name}`]}
          placeholder="Automatic"
          options={possibleMethods(column).map((id) => ({ value: id, label: METHODS[id].label }))}
          error={errorAt(errors, `method:${column.name}`)}
          disabled={disabled}
          markOptional={false}
        />
      ),
    },
    {
      key: "threshold",
      header: "Drift from",
      cell: (column) => (
        <NumberField
          name={`threshold:${column.name}`}
          label={label("Threshold", column)}
          value={fields[`threshold:${column.name}`]}
          min={0}
          placeholder="Default"
          error={errorAt(errors, `threshold:${column.name}`)}
          disabled={disabled}
          markOptional={false}
        />
      ),
    },
    {
      key: "muted",
      header: "Muted",
      cell: (column) => (
        <CheckboxField
          name={`muted:${column.name}`}
          label={label("Mute", column)}
          checked={fields[`muted:${column.name}`] === "true"}
          disabled={disabled}
        />
      ),
    },
  ];
}
