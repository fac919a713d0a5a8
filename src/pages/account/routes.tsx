import { NewSecretFields } from "../name-fields.tsx";
import { Hono } from "hono";
import { LIMITS } from "../../config.ts";
import { database } from "../../db.ts";
import { parseInput } from "../../endpoint.ts";
import type { AppContext, AppEnv } from "../../http.ts";
import { pageFrame } from "../page-frame.ts";
import { ActionButton, SubmitButton } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { CopyField } from "../../ui/code-block.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { AppShell, type Frame } from "../../ui/layout.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { requireUser } from "../../access/authorize.ts";
import { changePassword, passwordChangeInput } from "../../access/change-password.ts";
import { verbContext } from "../../verb-context.ts";
import { PasswordCard } from "./password-card.tsx";
import { readForm, type Refusal, refusalOf } from "../page-form.ts";
import {
  createPersonalToken,
  listPersonalTokens,
  type PersonalToken,
  revokePersonalToken,
  tokenInput,
} from "../../access/personal-tokens.ts";
import { sessionCookie } from "../../access/session.ts";

/** /account: the password and the personal tokens of the user. */
export const accountPages = new Hono<AppEnv>();

accountPages.get("/", async (c) => c.html(<AccountPage {...await accountView(c)} />));

// Answered with the page itself and not with a redirect: the secret is nowhere to be read a second time.
accountPages.post("/tokens", async (c) => {
  const { userId } = requireUser(c.var.caller);
  const { name = "", expires_in_days: days = "" } = await readForm(c);
  try {
    const input = parseInput(tokenInput, { name, expires_in_days: days === "" ? null : Number(days) });
    const { secret } = await createPersonalToken(verbContext(c), { user: userId, ...input });
    return c.html(<AccountPage {...await accountView(c)} secret={secret} />, 201);
  } catch (error) {
    const refusal = refusalOf(c, error);
    return c.html(<AccountPage {...await accountView(c)} given={{ name, days }} refusal={refusal} />, refusal.status);
  }
});

accountPages.post("/tokens/:id/revoke", async (c) => {
  await revokePersonalToken(verbContext(c), { token: c.req.param("id") });
  return c.redirect("/account", 303);
});

accountPages.post("/password", async (c) => {
  requireUser(c.var.caller);
  const fields = await readForm(c);
  try {
    const input = parseInput(passwordChangeInput, fields);
    await changePassword(verbContext(c), { ...input, keptSession: sessionCookie(c) });
  } catch (error) {
    const refusal = refusalOf(c, error);
    return c.html(<AccountPage {...await accountView(c)} passwordRefusal={refusal} />, refusal.status);
  }
  return c.redirect("/account?password=changed", 303);
});

interface AccountView {
  frame: Frame;
  email: string;
  tokens: PersonalToken[];
  hasNewPassword: boolean;
  nowMs: number;
}

async function accountView(c: AppContext): Promise<AccountView> {
  const caller = requireUser(c.var.caller);
  const db = database(c.env);
  const [frame, { items }] = await Promise.all([
    pageFrame(db, caller),
    listPersonalTokens(db, caller.userId, { limit: LIMITS.listItemsMax, cursor: null }),
  ]);
  const hasNewPassword = c.req.query("password") === "changed";
  return { frame, email: caller.email, tokens: items, hasNewPassword, nowMs: Date.now() };
}

type AccountPageProps = AccountView & {
  /** Of the token that was just created. */
  secret?: string;
  given?: { name: string; days: string } | undefined;
  refusal?: Refusal | undefined;
  passwordRefusal?: Refusal;
};

function AccountPage(props: AccountPageProps) {
  const { frame, email, tokens, hasNewPassword, nowMs, secret, given, refusal, passwordRefusal } = props;
  return (
    <AppShell title="Account" frame={frame} breadcrumb={[{ label: "Account" }]}>
      <PageHeader title="Account" description={`You are signed in as ${email}.`} />
      {hasNewPassword && <Callout level="success" title="Password changed" live />}
      {secret !== undefined && (
        <Callout level="success" title="Token created" live>
          <CopyField id="new-token" label="Token" value={secret} hint="It is shown this once. Copy it now." />
        </Callout>
      )}
      <PasswordCard email={email} refusal={passwordRefusal} />
      <NewTokenCard given={given} refusal={refusal} />
      <Card title="Your tokens" flush>
        <TokenTable tokens={tokens} nowMs={nowMs} />
      </Card>
    </AppShell>
  );
}

function NewTokenCard({ given, refusal }: Pick<AccountPageProps, "given" | "refusal">) {
  const errors = refusal?.errors ?? [];
  return (
    <Card title="New token" description="A personal token lets a program act as you, with all your rights.">
      <Form action="/account/tokens">
        <FormErrors errors={errors} />
        <NewSecretFields name={given?.name} days={given?.days} errors={errors} />
        <FormActions>
          <SubmitButton label="Create token" />
        </FormActions>
      </Form>
    </Card>
  );
}

function TokenTable({ tokens, nowMs }: { tokens: PersonalToken[]; nowMs: number }) {
  return (
    <Table
      caption="Your personal tokens"
      rows={tokens}
      columns={[
        { key: "name", header: "Name", primary: true, cell: (token) => token.name },
        { key: "prefix", header: "Begins with", cell: (token) => <code>{token.prefix}…</code> },
        { key: "created", header: "Created", cell: (token) => <Timestamp atMs={token.createdAt} precision="date" /> },
        { key: "expires", header: "Expires", cell: (token) => <Expiry token={token} nowMs={nowMs} /> },
        {
          key: "used",
          header: "Last used",
          cell: ({ lastUsedAt }) => (lastUsedAt === null ? "Never" : <Timestamp atMs={lastUsedAt} nowMs={nowMs} />),
        },
        {
          key: "revoke",
          header: "Revoke",
          action: true,
          cell: (token) => (
            <ActionButton
              action={`/account/tokens/${token.id}/revoke`}
              label="Revoke"
              variant="danger"
              size="small"
              attributes={{ "aria-label": `Revoke ${token.name}` }}
            />
          ),
        },
      ]}
      empty={<EmptyState title="No tokens yet">Create one for a script or a command line tool.</EmptyState>}
    />
  );
}

function Expiry({ token: { expiresAt }, nowMs }: { token: PersonalToken; nowMs: number }) {
  if (expiresAt === null) return <>Never</>;
  if (expiresAt <= nowMs) return <>Expired</>;
  return <Timestamp atMs={expiresAt} precision="date" />;
}
