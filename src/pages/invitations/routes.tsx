import { NameField } from "../name-fields.tsx";
import { Hono } from "hono";
import { database } from "../../db.ts";
import { parseInput } from "../../endpoint.ts";
import { isAppError } from "../../errors.ts";
import type { AppContext, AppEnv } from "../../http.ts";
import { ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ErrorPanel } from "../../ui/error-page.tsx";
import { Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { PasswordField, TextField } from "../../ui/forms.tsx";
import { BarePage } from "../../ui/layout.tsx";
import { verbContext } from "../../verb-context.ts";
import { VERSION } from "../../version.ts";
import {
  acceptanceInput,
  acceptInvitation,
  type OpenInvitation,
  openInvitation,
} from "../../access/accept-invitation.ts";
import { NEW_PASSWORD_ATTRIBUTES, NEW_PASSWORD_HINT } from "../../access/account-input.ts";
import { errorAt, readForm, type Refusal, refusalOf } from "../page-form.ts";
import { endPresentSession, setSessionCookie } from "../../access/session.ts";

/** /invitations/{secret}: where somebody who was invited sets a password and is signed in. */
export const invitationPages = new Hono<AppEnv>();

invitationPages.get("/:secret", async (c) => {
  try {
    const invitation = await invitationOf(c);
    return c.html(<InvitationPage secret={c.req.param("secret")} user={invitation.user} />);
  } catch (error) {
    return answerClosed(c, error);
  }
});

invitationPages.post("/:secret", async (c) => {
  const fields = await readForm(c);
  let invitation: OpenInvitation;
  try {
    invitation = await invitationOf(c);
  } catch (error) {
    return answerClosed(c, error);
  }
  try {
    const input = parseInput(acceptanceInput, fields);
    const token = await acceptInvitation(verbContext(c), { ...invitation, ...input });
    await endPresentSession(c, database(c.env));
    setSessionCookie(c, token);
  } catch (error) {
    const refusal = refusalOf(c, error);
    // Somebody was faster.
    if (refusal.status === 404) return answerClosed(c, error);
    const user = { ...invitation.user, name: fields["name"] ?? "" };
    return c.html(<InvitationPage secret={c.req.param("secret")} user={user} refusal={refusal} />, refusal.status);
  }
  return c.redirect("/projects", 303);
});

function invitationOf(c: AppContext): Promise<OpenInvitation> {
  return openInvitation(verbContext(c), { secret: c.req.param("secret") ?? "" });
}

/** The page for a link that opens nothing; throws again what is another refusal. */
function answerClosed(c: AppContext, error: unknown): Response | Promise<Response> {
  if (!isAppError(error) || error.code !== "not_found") throw error;
  return c.html(<ClosedPage message={error.message} />, 404);
}

interface InvitationPageProps {
  secret: string;
  user: OpenInvitation["user"];
  refusal?: Refusal;
}

function InvitationPage({ secret, user, refusal }: InvitationPageProps) {
  const errors = refusal?.errors ?? [];
  return (
    <BarePage title="Set your password" assetVersion={VERSION}>
      <Card
        title="Set your password"
        description="This link works once. From now on, sign in with this e-mail address and the password."
        headingLevel={1}
      >
        <Form action={`/invitations/${encodeURIComponent(secret)}`}>
          <FormErrors errors={errors} />
          <TextField
            name="email"
            label="Email"
            type="email"
            value={user.email}
            markOptional={false}
            attributes={{ autocomplete: "username", readonly: true }}
          />
          <NameField label="Your name" value={user.name} errors={errors} attributes={{ autocomplete: "name" }} />
          <PasswordField
            name="password"
            label="Password"
            autocomplete="new-password"
            hint={NEW_PASSWORD_HINT}
            error={errorAt(errors, "password")}
            attributes={NEW_PASSWORD_ATTRIBUTES}
            required
          />
          <FormActions>
            <SubmitButton label="Set password and sign in" busyLabel="Signing in" />
          </FormActions>
        </Form>
      </Card>
    </BarePage>
  );
}

function ClosedPage({ message }: { message: string }) {
  return (
    <BarePage title="Link not valid" assetVersion={VERSION}>
      <ErrorPanel
        status={404}
        title="This link cannot be used"
        message={message}
        action={<ButtonLink href="/sign-in">Sign in</ButtonLink>}
      />
    </BarePage>
  );
}
