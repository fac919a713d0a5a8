import type { Child } from "hono/jsx";
import { NameField } from "../name-fields.tsx";
import { errorAt } from "../page-form.ts";
import { type ProjectPageView, ProjectShell } from "../project-shell.tsx";
import { ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { FieldRow, Form, FormActions, type FormError, FormErrors } from "../../ui/form-layout.tsx";
import { CheckboxField, NumberField, PasswordField, TextField } from "../../ui/forms.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { CONNECTION_KINDS } from "../../pipelines/schema.ts";
import { CONNECTION_FACTS, type ConnectionKind } from "../../pipelines/connections/connection-kinds.ts";
import { connectionsPath } from "./list-page.tsx";

/** What was typed, by the names of the fields, and what is wrong with it. The secret is never among it. */
export interface ConnectionForm {
  fields: Partial<Record<string, string>>;
  errors: FormError[];
  /** Whether there is a secret already, which an empty field leaves as it is. */
  hasSecret: boolean;
}

export interface NewConnectionPageProps {
  view: Pick<ProjectPageView, "frame" | "project">;
  kind: ConnectionKind;
  form: ConnectionForm;
}

/** The form for a new connection, one for each kind. */
export function NewConnectionPage({ view, kind, form }: NewConnectionPageProps) {
  const path = connectionsPath(view.project);
  const crumbs = [{ label: "Connections", href: path }, { label: "New connection" }];
  const tabs = CONNECTION_KINDS.map((other) => ({
    label: CONNECTION_FACTS[other].label,
    href: `${path}/new?kind=${other}`,
    current: other === kind,
  }));
  return (
    <ProjectShell view={view} title="New connection" section="connections" crumbs={crumbs}>
      <PageHeader
        title="New connection"
        description="Nothing is called yet. Once the connection is added, test it."
        tabs={<Tabs label="Kind of connection" tabs={tabs} />}
      />
      <div class="measure">
        <Card title={CONNECTION_FACTS[kind].label} description={DESCRIPTIONS[kind]}>
          <Form action={`${path}/new?kind=${kind}`}>
            <FormErrors errors={form.errors} />
            <ConnectionFields kind={kind} form={form} />
            <FormActions>
              <SubmitButton label="Add connection" />
              <ButtonLink href={path} variant="quiet">
                Cancel
              </ButtonLink>
            </FormActions>
          </Form>
        </Card>
      </div>
    </ProjectShell>
  );
}

/** The fields of a connection of that kind. */
export function ConnectionFields({ kind, form }: Pick<NewConnectionPageProps, "kind" | "form">) {
  return (
    <>
      <NameField value={form.fields["name"]} errors={form.errors} hint="By which pipelines name it." />
      {FIELDS[kind](form)}
    </>
  );
}

const DESCRIPTIONS: Record<ConnectionKind, string> = {
  postgres: "Pipelines read from it with your query and deliver to tables. They create missing tables.",
  mysql: "Also MariaDB. Pipelines read from it with your query and deliver to tables. They create missing tables.",
  s3: "A bucket of Amazon S3, Cloudflare R2, MinIO or another S3-compatible store. Pipelines read objects and write files.",
  http: "Pipelines send predictions as signed messages to this address.",
};

const FIELDS: Record<ConnectionKind, (form: ConnectionForm) => Child> = {
  postgres: (form) => <DatabaseFields form={form} defaultPort={5_432} />,
  mysql: (form) => <DatabaseFields form={form} defaultPort={3_306} />,
  s3: (form) => <StoreFields form={form} />,
  http: (form) => <AddressFields form={form} />,
};

function DatabaseFields({ form, defaultPort }: { form: ConnectionForm; defaultPort: number }) {
  const { fields, errors } = form;
  // A form that was sent says by itself whether the box was ticked.
  const isFresh = fields["settings.host"] === undefined;
  return (
    <>
      <FieldRow>
        <SettingField form={form} name="host" label="Host" placeholder="db.example.org" />
        <NumberField
          name="settings.port"
          label="Port"
          value={fields["settings.port"]}
          placeholder={String(defaultPort)}
          min={1}
          max={65_535}
          step={1}
          error={errorAt(errors, "settings.port")}
        />
      </FieldRow>
      <SettingField form={form} name="database" label="Database" />
      <FieldRow>
        <SettingField form={form} name="user" label="User" />
        <SecretField form={form} name="password" label="Password" hint="May be empty." />
      </FieldRow>
      <CheckboxField
        name="settings.tls"
        label="Encrypt the connection"
        checked={isFresh || fields["settings.tls"] === "true"}
        hint="TLS with a checked certificate. Clear this only for a database in your own network."
        error={errorAt(errors, "settings.tls")}
      />
    </>
  );
}

function StoreFields({ form }: { form: ConnectionForm }) {
  return (
    <>
      <SettingField
        form={form}
        name="endpoint"
        label="Endpoint"
        placeholder="https://s3.eu-west-3.amazonaws.com"
        hint="The address of the store, without the bucket."
      />
      <FieldRow>
        <SettingField form={form} name="bucket" label="Bucket" />
        <SettingField form={form} name="region" label="Region" hint="For R2: auto." />
      </FieldRow>
      <FieldRow>
        <SettingField form={form} name="access_key_id" label="Access key id" />
        <SecretField form={form} name="secret_access_key" label="Secret access key" required />
      </FieldRow>
    </>
  );
}

function AddressFields({ form }: { form: ConnectionForm }) {
  return (
    <>
      <SettingField
        form={form}
        name="url"
        label="URL"
        placeholder="https://example.org/predictions"
        hint="Visible to everyone who can see the project."
      />
      <SecretField
        form={form}
        name="signing_key"
        label="Signing key"
        hint="At least 16 random characters. The receiver uses it to verify that messages come from here."
        required
      />
    </>
  );
}

interface SettingFieldProps {
  form: ConnectionForm;
  name: string;
  label: string;
  placeholder?: string;
  hint?: Child;
}

function SettingField({ form: { fields, errors }, name, ...field }: SettingFieldProps) {
  const path = `settings.${name}`;
  return (
    <TextField
      {...field}
      name={path}
      value={fields[path]}
      error={errorAt(errors, path)}
      attributes={{ autocomplete: "off", spellcheck: "false", autocapitalize: "none" }}
      required
    />
  );
}

type SecretFieldProps = Omit<SettingFieldProps, "placeholder"> & { required?: boolean };

/** Empty whatever was typed before: after an error the secret is typed again, and the form says so. */
function SecretField({ form: { errors, hasSecret }, name, hint, required, ...field }: SecretFieldProps) {
  const path = `secret.${name}`;
  const again = errors.length > 0 ? "Secrets are not kept here. Type it again. " : "";
  return (
    <PasswordField
      {...field}
      name={path}
      required={required && !hasSecret}
      autocomplete="new-password"
      hint={
        hint === undefined && again === "" && !hasSecret ? undefined : (
          <>
            {again}
            {hasSecret ? "Leave it empty to keep the present one." : hint}
          </>
        )
      }
      error={errorAt(errors, path)}
    />
  );
}
