import { NameField } from "../name-fields.tsx";
import { ActionButton, ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { FieldRow, Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { SelectField } from "../../ui/forms.tsx";
import { AppShell } from "../../ui/layout.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { errorAt, type Refusal } from "../page-form.ts";
import type { ManagedUser } from "../../access/user-json.ts";
import { NewLinkCallout, ROLE_HINT, ROLE_OPTIONS, UserState } from "./user-words.tsx";
import type { NewLink, UserView } from "./view.ts";

export interface UserPageProps {
  view: UserView;
  link?: NewLink | undefined;
  fields?: Partial<Record<string, string>> | undefined;
  refusal?: Refusal | undefined;
}

/** One user: name and role, a link to set the password, deactivation and deletion. */
export function UserPage({ view, link, fields, refusal }: UserPageProps) {
  const { frame, user, isSelf, nowMs } = view;
  return (
    <AppShell title={user.name} frame={frame} breadcrumb={[{ label: "Users", href: "/users" }, { label: user.name }]}>
      <PageHeader
        title={user.name}
        badges={<UserState user={user} nowMs={nowMs} />}
        description={
          <>
            {user.email}
            {isSelf && " (you)"}, created <Timestamp atMs={user.createdAt} precision="date" />
          </>
        }
      />
      {link && <NewLinkCallout link={link} />}
      <DetailsCard user={user} fields={fields} refusal={refusal} />
      {user.deactivatedAt === null && <LinkCard user={user} nowMs={nowMs} />}
      <StateCard user={user} />
    </AppShell>
  );
}

type DetailsCardProps = { user: ManagedUser } & Pick<UserPageProps, "fields" | "refusal">;

function DetailsCard({ user, fields = {}, refusal }: DetailsCardProps) {
  const errors = refusal?.errors ?? [];
  return (
    <Card title="Name and role">
      <Form action={`/users/${user.id}`}>
        <FormErrors errors={errors} />
        <FieldRow>
          <NameField value={fields["name"] ?? user.name} errors={errors} attributes={{ autocomplete: "off" }} />
          <SelectField
            name="role"
            label="Role"
            options={ROLE_OPTIONS}
            value={fields["role"] ?? user.role}
            hint={ROLE_HINT}
            error={errorAt(errors, "role")}
            required
          />
        </FieldRow>
        <FormActions>
          <SubmitButton label="Save" busyLabel="Saving" />
        </FormActions>
      </Form>
    </Card>
  );
}

function LinkCard({ user, nowMs }: { user: ManagedUser; nowMs: number }) {
  const { hasPassword, invitationExpiresAt } = user;
  const isOpen = invitationExpiresAt !== null && invitationExpiresAt > nowMs;
  return (
    <Card
      title={hasPassword ? "Forgotten password" : "Invitation"}
      description={
        hasPassword
          ? "A link for this user to set a new password. The current password works until the link is used."
          : "A link for this user to set a password. Until then, nobody can sign in to this account."
      }
    >
      <div class="stack">
        {isOpen && (
          <p>
            A link is open until <Timestamp atMs={invitationExpiresAt} />. A new one takes its place.
          </p>
        )}
        <ActionButton action={`/users/${user.id}/invitation`} label="Create a new link" icon="key" />
      </div>
    </Card>
  );
}

function StateCard({ user }: { user: ManagedUser }) {
  const isActive = user.deactivatedAt === null;
  const path = `/users/${user.id}`;
  return (
    <Card title={isActive ? "Deactivate or delete" : "Reactivate or delete"} tone="danger">
      <div class="stack">
        {isActive ? (
          <p>
            A deactivated user cannot sign in. Sessions, personal tokens and links end at once and do not come back.
          </p>
        ) : (
          <Callout title="This user is deactivated">
            After reactivation, the old password works again. Personal tokens must be created again.
          </Callout>
        )}
        <div class="form-actions">
          {isActive ? (
            <ButtonLink href={`${path}/deactivate`} variant="danger">
              Deactivate
            </ButtonLink>
          ) : (
            <ActionButton action={`${path}/reactivate`} label="Reactivate" />
          )}
          <ButtonLink href={`${path}/delete`} variant="danger" icon="trash">
            Delete
          </ButtonLink>
        </div>
      </div>
    </Card>
  );
}
