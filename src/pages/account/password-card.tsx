import { Card } from "../../ui/card.tsx";
import { FieldRow, Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { PasswordField } from "../../ui/forms.tsx";
import { SubmitButton } from "../../ui/button.tsx";
import { NEW_PASSWORD_ATTRIBUTES, NEW_PASSWORD_HINT } from "../../access/account-input.ts";
import { errorAt, type Refusal } from "../page-form.ts";

/** The form by which users change their own password. */
export function PasswordCard({ email, refusal }: { email: string; refusal?: Refusal | undefined }) {
  const errors = refusal?.errors ?? [];
  return (
    <Card title="Password" description="A new password ends your sessions in other browsers. Tokens keep working.">
      <Form action="/account/password">
        <FormErrors errors={errors} />
        {/* Tells a password manager whose password this is. */}
        <input type="text" name="username" value={email} autocomplete="username" hidden readonly />
        <FieldRow>
          <PasswordField
            name="current_password"
            label="Current password"
            autocomplete="current-password"
            error={errorAt(errors, "current_password")}
            required
          />
          <PasswordField
            name="new_password"
            label="New password"
            autocomplete="new-password"
            hint={NEW_PASSWORD_HINT}
            error={errorAt(errors, "new_password")}
            attributes={NEW_PASSWORD_ATTRIBUTES}
            required
          />
        </FieldRow>
        <FormActions>
          <SubmitButton label="Change password" busyLabel="Changing" />
        </FormActions>
      </Form>
    </Card>
  );
}
