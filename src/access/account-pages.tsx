import { Hono } from "hono";
import { LIMITS } from "../config.ts";
import { database } from "../db.ts";
import { parseInput } from "../endpoint.ts";
import type { AppContext, AppEnv } from "../http.ts";
import { pageFrame } from "../projects/page-frame.ts";
import { ActionButton, SubmitButton } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import { Card } from "../ui/card.tsx";
import { CopyField } from "../ui/code-block.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Form, FormActions, FormErrors, FieldRow } from "../ui/form-layout.tsx";
import { NumberField, TextField } from "../ui/forms.tsx";
import { AppShell, type Frame } from "../ui/layout.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { Table } from "../ui/table.tsx";
import { Timestamp } from "../ui/time.tsx";
import { requireUser } from "./authorize.ts";
import { errorAt, readForm, type Refusal, refusalOf } from "./page-form.ts";
import {
  createPersonalToken,
  listPersonalTokens,
  type PersonalToken,
  revokePersonalToken,
  tokenInput,
} from "./personal-tokens.ts";

/** /account: the personal tokens of the user. */
export const accountPages = new Hono<AppEnv>();

accountPages.get("/", async (c) => c.html(<AccountPage {...await accountView(c)} />));

// Answered with the page itself and not with a redirect: the secret is nowhere to be read a second time.
accountPages.post("/tokens", async (c) => {
  const { userId } = requireUser(c.var.caller);
  const { name = "", expires_in_days: days = "" } = await readForm(c);
  try {
    const input = parseInput(tokenInput, { name, expires_in_days: days === "" ? null : Number(days) });
    const { secret } = await createPersonalToken(database(c.env), userId, input, Date.now());
    return c.html(<AccountPage {...await accountView(c)} secret={secret} />, 201);
  } catch (error) {
    const refusal = refusalOf(c, error);
    return c.html(<AccountPage {...await accountView(c)} given={{ name, days }} refusal={refusal} />, refusal.status);
  }
});

accountPages.post("/tokens/:id/revoke", async (c) => {
  const { userId } = requireUser(c.var.caller);
  await revokePersonalToken(database(c.env), userId, c.req.param("id"));
  return c.redirect("/account", 303);
});

interface AccountView {
  frame: Frame;
  tokens: PersonalToken[];
  nowMs: number;
}

async function accountView(c: AppContext): Promise<AccountView> {
  const caller = requireUser(c.var.caller);
  const db = database(c.env);
  const [frame, { items }] = await Promise.all([
    pageFrame(db, caller),
    listPersonalTokens(db, caller.userId, { limit: LIMITS.listItemsMax, cursor: null }),
  ]);
  return { frame, tokens: items, nowMs: Date.now() };
}

type AccountPageProps = AccountView & {
  /** Of the token that was just created. */
  secret?: string;
  given?: { name: string; days: string };
  refusal?: Refusal;
};

function AccountPage({ frame, tokens, nowMs, secret, given, refusal }: AccountPageProps) {
  return (
    <AppShell title="Account" frame={frame} breadcrumb={[{ label: "Account" }]}>
      <PageHeader title="Account" description="Personal tokens let programs act as you, with all that you may do." />
      {secret !== undefined && (
        <Callout level="success" title="The token was created" live>
          <CopyField id="new-token" label="Token" value={secret} hint="It is shown this once. Copy it now." />
        </Callout>
      )}
      <Card title="New token">
        <Form action="/account/tokens">
          <FormErrors errors={refusal?.errors ?? []} />
          <FieldRow>
            <TextField
              name="name"
              label="Name"
              value={given?.name}
              maxlength={LIMITS.nameLengthMax}
              error={errorAt(refusal?.errors ?? [], "name")}
              required
            />
            <NumberField
              name="expires_in_days"
              label="Expires in"
              unit="days"
              min={1}
              step={1}
              value={given?.days}
              hint="Empty: it does not expire"
              error={errorAt(refusal?.errors ?? [], "expires_in_days")}
            />
          </FieldRow>
          <FormActions>
            <SubmitButton label="Create token" />
          </FormActions>
        </Form>
      </Card>
      <Card title="Your tokens" flush>
        <TokenTable tokens={tokens} nowMs={nowMs} />
      </Card>
    </AppShell>
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
