import { NameField } from "../name-fields.tsx";
import { SubmitButton } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { FieldRow, Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { PasswordField, SelectField, TextField } from "../../ui/forms.tsx";
import { AppShell } from "../../ui/layout.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Pagination } from "../../ui/pagination.tsx";
import { Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { NEW_PASSWORD_ATTRIBUTES, NEW_PASSWORD_HINT } from "../../access/account-input.ts";
import { errorAt, type Refusal } from "../page-form.ts";
import type { ManagedUser } from "../../access/user-json.ts";
import { NewLinkCallout, ROLE_HINT, ROLE_LABELS, ROLE_OPTIONS, UserState } from "./user-words.tsx";
import type { NewLink, UsersView } from "./view.ts";

export interface UsersPageProps {
  view: UsersView;
  /** Of the user who was just created without a password. */
  link?: NewLink | undefined;
  /** Email of the user who was just created with one. */
  created?: string | undefined;
  fields?: Partial<Record<string, string>> | undefined;
  refusal?: Refusal | undefined;
}

/** The users of the instance, and a form for a new one. */
export function UsersPage({ view, link, created, fields, refusal }: UsersPageProps) {
  const { frame, users, nextCursor, hasNewer, nowMs } = view;
  return (
    <AppShell title="Users" frame={frame} breadcrumb={[{ label: "Users" }]}>
      <PageHeader title="Users" description="Everyone who can sign in to this instance." />
      {link && <NewLinkCallout link={link} />}
      {created !== undefined && <Callout level="success" title={`${created} created`} live />}
      <NewUserCard fields={fields} refusal={refusal} />
      <Card flush>
        <UserTable users={users} nowMs={nowMs} />
      </Card>
      <Pagination
        previousHref={hasNewer ? "/users" : undefined}
        previousLabel="Newest"
        nextHref={nextCursor === null ? undefined : `/users?cursor=${encodeURIComponent(nextCursor)}`}
      />
    </AppShell>
  );
}

function NewUserCard({ fields = {}, refusal }: Pick<UsersPageProps, "fields" | "refusal">) {
  const errors = refusal?.errors ?? [];
  return (
    <Card title="New user">
      <Form action="/users">
        <FormErrors errors={errors} />
        <FieldRow>
          <TextField
            name="email"
            label="Email"
            type="email"
            value={fields["email"]}
            error={errorAt(errors, "email")}
            attributes={{ autocomplete: "off" }}
            required
          />
          <NameField value={fields["name"]} errors={errors} attributes={{ autocomplete: "off" }} />
        </FieldRow>
        <FieldRow>
          <SelectField
            name="role"
            label="Role"
            options={ROLE_OPTIONS}
            value={fields["role"] ?? "member"}
            hint={ROLE_HINT}
            error={errorAt(errors, "role")}
            required
          />
          <PasswordField
            name="password"
            label="Password"
            autocomplete="new-password"
            hint={`Leave empty to get a link with which users set their own password. ${NEW_PASSWORD_HINT}.`}
            error={errorAt(errors, "password")}
            attributes={NEW_PASSWORD_ATTRIBUTES}
          />
        </FieldRow>
        <FormActions>
          <SubmitButton label="Create user" busyLabel="Creating" />
        </FormActions>
      </Form>
    </Card>
  );
}

function UserTable({ users, nowMs }: { users: ManagedUser[]; nowMs: number }) {
  return (
    <Table
      caption="Users"
      rows={users}
      columns={[
        { key: "name", header: "Name", primary: true, cell: (user) => <a href={`/users/${user.id}`}>{user.name}</a> },
        { key: "email", header: "Email", cell: (user) => <span class="cell-break">{user.email}</span> },
        { key: "role", header: "Role", nowrap: true, cell: (user) => ROLE_LABELS[user.role] },
        { key: "state", header: "State", nowrap: true, cell: (user) => <UserState user={user} nowMs={nowMs} /> },
        {
          key: "created",
          header: "Created",
          nowrap: true,
          cell: (user) => <Timestamp atMs={user.createdAt} precision="date" />,
        },
      ]}
    />
  );
}
