import { NameField } from "../name-fields.tsx";
import { Hono } from "hono";
import { errorAt, readForm, type Refusal, refusalOf } from "../page-form.ts";
import { hasUsers } from "../../access/queries.ts";
import { openSession, setSessionCookie } from "../../access/session.ts";
import { setupInput } from "../../access/setup.ts";
import { readConfig } from "../../config.ts";
import { database } from "../../db.ts";
import { parseInput } from "../../endpoint.ts";
import type { AppEnv } from "../../http.ts";
import { SubmitButton } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { PasswordField, TextField } from "../../ui/forms.tsx";
import { BarePage } from "../../ui/layout.tsx";
import { verbContext } from "../../verb-context.ts";
import { VERSION } from "../../version.ts";
import { setUpInstance } from "../../projects/set-up-instance.ts";

/** /setup: creates the first user and signs them in. Leads to the sign-in once there is one. */
export const setupPages = new Hono<AppEnv>();

setupPages.get("/", async (c) => {
  if (await hasUsers(database(c.env))) return c.redirect("/sign-in", 303);
  return c.html(<SetupPage hasSetupToken={readConfig(c.env).setupToken !== null} />);
});

setupPages.post("/", async (c) => {
  const config = readConfig(c.env);
  const fields = await readForm(c);
  try {
    const ctx = verbContext(c);
    const user = await setUpInstance(ctx, parseInput(setupInput, fields));
    setSessionCookie(c, await openSession(ctx, { user }));
  } catch (error) {
    const refusal = refusalOf(c, error);
    const page = <SetupPage hasSetupToken={config.setupToken !== null} fields={fields} refusal={refusal} />;
    return c.html(page, refusal.status);
  }
  return c.redirect("/projects", 303);
});

interface SetupPageProps {
  hasSetupToken: boolean;
  fields?: Partial<Record<string, string>>;
  refusal?: Refusal;
}

function SetupPage({ hasSetupToken, fields = {}, refusal }: SetupPageProps) {
  const errors = refusal?.errors ?? [];
  return (
    <BarePage title="Set up" assetVersion={VERSION}>
      <Card title="Set up Tiltyard" description="The first user becomes an admin of this instance." headingLevel={1}>
        {!hasSetupToken && (
          <Callout level="warning" title="This installation has no setup token">
            Set the secret SETUP_TOKEN and reload this page.
          </Callout>
        )}
        <Form action="/setup">
          <FormErrors errors={errors} />
          <PasswordField
            name="setup_token"
            label="Setup token"
            autocomplete="off"
            hint="The value of SETUP_TOKEN; npm start prints it"
            error={errorAt(errors, "setup_token")}
            required
          />
          <NameField label="Your name" value={fields["name"]} errors={errors} attributes={{ autocomplete: "name" }} />
          <TextField
            name="email"
            label="Email"
            type="email"
            value={fields["email"]}
            error={errorAt(errors, "email")}
            attributes={{ autocomplete: "username" }}
            required
          />
          <PasswordField
            name="password"
            label="Password"
            autocomplete="new-password"
            hint="At least 10 characters"
            error={errorAt(errors, "password")}
            attributes={{ minlength: 10, maxlength: 200 }}
            required
          />
          <FormActions>
            <SubmitButton label="Create the first user" busyLabel="Creating" />
          </FormActions>
        </Form>
      </Card>
    </BarePage>
  );
}
