import { Hono } from "hono";
import { database } from "../../db.ts";
import { type AppEnv, originOf } from "../../http.ts";
import { SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { PasswordField, TextField } from "../../ui/forms.tsx";
import { BarePage } from "../../ui/layout.tsx";
import { verbContext } from "../../verb-context.ts";
import { VERSION } from "../../version.ts";
import { readForm, type Refusal, refusalOf, safeNext } from "../page-form.ts";
import { hasUsers } from "../../access/queries.ts";
import { clearSessionCookie, endPresentSession, setSessionCookie } from "../../access/session.ts";
import { signIn } from "../../access/sign-in.ts";

const HOME = "/projects";

/** /, /sign-in and /sign-out. */
export const signInPages = new Hono<AppEnv>();

signInPages.get("/", async (c) => {
  if (c.var.caller.kind === "user") return c.redirect(HOME, 303);
  return c.redirect((await hasUsers(database(c.env))) ? "/sign-in" : "/setup", 303);
});

signInPages.get("/sign-in", async (c) => {
  const next = c.req.query("next");
  if (c.var.caller.kind === "user") return c.redirect(safeNext(next, originOf(c)) ?? HOME, 303);
  if (!(await hasUsers(database(c.env)))) return c.redirect("/setup", 303);
  return c.html(<SignInPage next={next} />);
});

signInPages.post("/sign-in", async (c) => {
  const { email = "", password = "", next } = await readForm(c);
  try {
    const token = await signIn(verbContext(c), { email, password });
    await endPresentSession(c, database(c.env));
    setSessionCookie(c, token);
  } catch (error) {
    const refusal = refusalOf(c, error);
    return c.html(<SignInPage email={email} next={next} refusal={refusal} />, refusal.status);
  }
  return c.redirect(safeNext(next, originOf(c)) ?? HOME, 303);
});

signInPages.get("/sign-out", (c) => c.html(<SignOutPage />));

signInPages.post("/sign-out", async (c) => {
  await endPresentSession(c, database(c.env));
  clearSessionCookie(c);
  return c.redirect("/sign-in", 303);
});

function SignInPage({ email, next, refusal }: { email?: string; next?: string | undefined; refusal?: Refusal }) {
  return (
    <BarePage title="Sign in" assetVersion={VERSION}>
      <Card title="Sign in" headingLevel={1}>
        <Form action="/sign-in">
          <FormErrors errors={refusal?.errors ?? []} />
          {next !== undefined && <input type="hidden" name="next" value={next} />}
          <TextField
            name="email"
            label="Email"
            type="email"
            value={email}
            required
            attributes={{ autocomplete: "username", autofocus: true }}
          />
          <PasswordField name="password" label="Password" autocomplete="current-password" required />
          <FormActions>
            <SubmitButton label="Sign in" busyLabel="Signing in" />
          </FormActions>
        </Form>
      </Card>
    </BarePage>
  );
}

function SignOutPage() {
  return (
    <BarePage title="Sign out" assetVersion={VERSION}>
      <Card title="Sign out" headingLevel={1}>
        <Form action="/sign-out">
          <p>This ends the session in this browser. Personal tokens and API keys keep working.</p>
          <FormActions>
            <SubmitButton label="Sign out" />
          </FormActions>
        </Form>
      </Card>
    </BarePage>
  );
}
