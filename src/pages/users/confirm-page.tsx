import type { Child } from "hono/jsx";
import { ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmForm } from "../../ui/confirm.tsx";
import { Form, FormActions } from "../../ui/form-layout.tsx";
import { AppShell } from "../../ui/layout.tsx";
import type { UserView } from "./view.ts";

interface ConfirmPageProps {
  view: UserView;
  /** Why it was not done. */
  message?: string | undefined;
}

/** Asks whether the user is to be deactivated, or says why that was not done. */
export function DeactivateUserPage({ view, message }: ConfirmPageProps) {
  const { user, isSelf } = view;
  const path = `/users/${user.id}`;
  return (
    <ConfirmShell view={view} verb="Deactivate" message={message}>
      <Form action={`${path}/deactivate`}>
        <Callout level="warning">
          {user.email} cannot sign in any more. Sessions, personal tokens and links end at once and do not come back;
          what the user created stays, including API keys of deployments.
          {isSelf && " This is you: you will be signed out."}
        </Callout>
        <FormActions>
          <SubmitButton label="Deactivate" variant="danger" />
          <ButtonLink href={path}>Cancel</ButtonLink>
        </FormActions>
      </Form>
    </ConfirmShell>
  );
}

/** Asks for the email to be typed before the user is deleted, or says why that was not done. */
export function DeleteUserPage({ view, message, error }: ConfirmPageProps & { error?: string | undefined }) {
  const { user, isSelf } = view;
  const path = `/users/${user.id}`;
  return (
    <ConfirmShell view={view} verb="Delete" message={message}>
      <ConfirmForm action={`${path}/delete`} name={user.email} verb="Delete user" cancelHref={path} error={error}>
        This deletes the account, its sessions, personal tokens and memberships. This cannot be undone. What the user
        made stays.
        {isSelf && " This is you: you will be signed out."}
      </ConfirmForm>
    </ConfirmShell>
  );
}

function ConfirmShell({ view, verb, message, children }: ConfirmPageProps & { verb: string; children?: Child }) {
  const { frame, user } = view;
  const crumbs = [{ label: "Users", href: "/users" }, { label: user.name, href: `/users/${user.id}` }, { label: verb }];
  return (
    <AppShell title={`${verb} ${user.name}`} frame={frame} breadcrumb={crumbs}>
      <div class="measure stack">
        {message !== undefined && (
          <Callout level="error" title="Nothing was changed" live>
            {message}
          </Callout>
        )}
        <Card title={`${verb} ${user.name}?`} tone="danger" headingLevel={1}>
          {children}
        </Card>
      </div>
    </AppShell>
  );
}
