import { NewSecretFields } from "../../name-fields.tsx";
import type { ApiKey } from "../../../access/api-keys.ts";
import { ActionButton, SubmitButton } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { Form, FormActions, type FormError, FormErrors } from "../../../ui/form-layout.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { deploymentPath } from "../deployment-shell.tsx";
import type { GeneralView } from "../general/view.ts";

/** What was typed and what is wrong with it. */
export interface KeyForm {
  name: string;
  days: string;
  errors: FormError[];
}

/** The keys by which programs call the deployment, and a form for a new one. */
export function KeysCard({ view, form }: { view: GeneralView; form: KeyForm | undefined }) {
  const { mayChange, keys, nowMs } = view;
  const path = `${deploymentPath(view.deployment)}/keys`;
  return (
    <Card id="keys" title="API keys" description="A key can only predict with this deployment and send actuals to it.">
      <div class="stack">
        {mayChange && <NewKeyForm action={path} form={form} />}
        <Table
          caption="API keys"
          rows={keys}
          columns={[...columns(nowMs), ...(mayChange ? [revokeColumn(path)] : [])]}
          empty={
            <EmptyState title="No keys yet" icon="key">
              {mayChange
                ? "Generate one for each program that calls the deployment."
                : "A contributor of the project can generate one."}
            </EmptyState>
          }
        />
      </div>
    </Card>
  );
}

function NewKeyForm({ action, form }: { action: string; form: KeyForm | undefined }) {
  const errors = form?.errors ?? [];
  return (
    <Form action={action}>
      <FormErrors errors={errors} />
      <NewSecretFields name={form?.name} days={form?.days} errors={errors} hint="The program that uses it" />
      <FormActions>
        <SubmitButton label="Generate an API key" icon="key" />
      </FormActions>
    </Form>
  );
}

function columns(nowMs: number): Column<ApiKey>[] {
  return [
    { key: "name", header: "Name", primary: true, cell: ({ name }) => name },
    { key: "prefix", header: "Begins with", nowrap: true, cell: ({ prefix }) => <code>{prefix}…</code> },
    {
      key: "created",
      header: "Created",
      nowrap: true,
      cell: (key) => <Timestamp atMs={key.createdAt} precision="date" />,
    },
    {
      key: "used",
      header: "Last used",
      nowrap: true,
      cell: ({ lastUsedAt }) => (lastUsedAt === null ? "Never" : <Timestamp atMs={lastUsedAt} nowMs={nowMs} />),
    },
    { key: "expires", header: "Expires", nowrap: true, cell: (key) => <Expiry apiKey={key} nowMs={nowMs} /> },
  ];
}

function revokeColumn(path: string): Column<ApiKey> {
  return {
    key: "revoke",
    header: "Revoke",
    nowrap: true,
    cell: ({ id, name }) => (
      <ActionButton
        action={`${path}/${id}/revoke`}
        label="Revoke"
        variant="danger"
        size="small"
        attributes={{ "aria-label": `Revoke ${name}` }}
      />
    ),
  };
}

function Expiry({ apiKey: { expiresAt }, nowMs }: { apiKey: ApiKey; nowMs: number }) {
  if (expiresAt === null) return <>Never</>;
  if (expiresAt <= nowMs) return <>Expired</>;
  return <Timestamp atMs={expiresAt} precision="date" />;
}
