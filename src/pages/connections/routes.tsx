import { Hono } from "hono";
import { readForm, refusalOf } from "../page-form.ts";
import { authorize } from "../../access/authorize.ts";
import { parseInput } from "../../endpoint.ts";
import { AppError } from "../../errors.ts";
import { type AppContext, type AppEnv, isFragmentRequest } from "../../http.ts";
import { verbContext } from "../../verb-context.ts";
import { type ProjectPageView, projectPageView } from "../project-shell.tsx";
import { CONNECTION_KINDS } from "../../pipelines/schema.ts";
import { ConnectionDeletePage } from "./delete-page.tsx";
import { connectionInput } from "../../pipelines/connections/connection-input.ts";
import { CONNECTION_FACTS, type ConnectionKind } from "../../pipelines/connections/connection-kinds.ts";
import { EditConnectionPage } from "./edit-page.tsx";
import { ConnectionsPage, connectionsPath, TestVerdict } from "./list-page.tsx";
import { connectionsView } from "./view.ts";
import { createConnection } from "../../pipelines/connections/create-connection.ts";
import { deleteConnection } from "../../pipelines/connections/delete-connection.ts";
import { NewConnectionPage } from "./new-page.tsx";
import { type ConnectionRow, findConnection } from "../../pipelines/connections/queries.ts";
import { testStoredConnection } from "../../pipelines/connections/test-connection.ts";
import { connectionChange, updateConnection } from "../../pipelines/connections/update-connection.ts";

/** /projects/{project}/connections: seen by its viewers, made, tested and deleted by its contributors. */
export const connectionPages = new Hono<AppEnv>();

const PATH = "/projects/:project/connections";

connectionPages.get(PATH, async (c) => c.html(<ConnectionsPage view={await connectionsView(c)} />));

connectionPages.get(`${PATH}/new`, async (c) => {
  const view = await projectPageView(c, "change");
  return c.html(<NewConnectionPage view={view} kind={kindOf(c)} form={{ fields: {}, errors: [], hasSecret: false }} />);
});

connectionPages.post(`${PATH}/new`, async (c) => {
  const view = await projectPageView(c, "change");
  const kind = kindOf(c);
  const fields = await readForm(c);
  try {
    const input = parseInput(connectionInput, bodyOf(kind, fields));
    await createConnection(verbContext(c), { project: view.project.id, ...input });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(
      <NewConnectionPage view={view} kind={kind} form={{ fields: withoutSecret(fields), errors, hasSecret: false }} />,
      status,
    );
  }
  return c.redirect(connectionsPath(view.project), 303);
});

connectionPages.get(`${PATH}/:connection/edit`, async (c) => {
  const { connection, ...view } = await namedConnection(c);
  const settings = Object.entries(connection.settings).map(([name, value]) => [`settings.${name}`, String(value)]);
  const form = { fields: { name: connection.name, ...Object.fromEntries(settings) }, errors: [], hasSecret: true };
  return c.html(<EditConnectionPage view={view} connection={connection} form={form} />);
});

connectionPages.post(`${PATH}/:connection/edit`, async (c) => {
  const { connection, ...view } = await namedConnection(c);
  const fields = await readForm(c);
  try {
    const { kind: _, ...body } = bodyOf(connection.kind, fields);
    const secret = Object.values(body.secret).every((value) => value === "") ? undefined : body.secret;
    const change = parseInput(connectionChange, { ...body, secret });
    await updateConnection(verbContext(c), { connection: connection.id, ...change });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    const form = { fields: withoutSecret(fields), errors, hasSecret: true };
    return c.html(<EditConnectionPage view={view} connection={connection} form={form} />, status);
  }
  return c.redirect(connectionsPath(view.project), 303);
});

// In place where htmx asks; on top of the list without JavaScript.
connectionPages.post(`${PATH}/:connection/test`, async (c) => {
  const { connection } = await namedConnection(c);
  const verdict = await testStoredConnection(verbContext(c), { connection: connection.id });
  if (isFragmentRequest(c)) return c.html(<TestVerdict verdict={verdict} />);
  return c.html(<ConnectionsPage view={await connectionsView(c)} tested={{ name: connection.name, verdict }} />);
});

connectionPages.get(`${PATH}/:connection/delete`, async (c) => {
  const { connection, ...view } = await namedConnection(c);
  authorize(c.var.caller, "delete", connection);
  return c.html(<ConnectionDeletePage view={view} connection={connection} message={undefined} />);
});

connectionPages.post(`${PATH}/:connection/delete`, async (c) => {
  const { connection, ...view } = await namedConnection(c);
  authorize(c.var.caller, "delete", connection);
  const { confirm = "" } = await readForm(c);
  try {
    if (confirm.trim() !== connection.name.trim()) throw new AppError("invalid_input", "The name does not match.");
    await deleteConnection(verbContext(c), { connection: connection.id });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<ConnectionDeletePage view={view} connection={connection} message={errors[0]?.message} />, status);
  }
  return c.redirect(connectionsPath(view.project), 303);
});

/** The connection that the address names, for contributors of its project: 401, 403 or 404 otherwise. */
async function namedConnection(c: AppContext): Promise<ProjectPageView & { connection: ConnectionRow }> {
  const view = await projectPageView(c, "change");
  const connection = await findConnection(view.db, view.project.id, c.req.param("connection") ?? "");
  if (connection) return { ...view, connection };
  throw new AppError("not_found", "Connection not found in this project.");
}

/** The kind that the address asks for: PostgreSQL unless told, or told something that is none. */
function kindOf(c: AppContext): ConnectionKind {
  const asked = c.req.query("kind");
  return CONNECTION_KINDS.find((kind) => kind === asked) ?? "postgres";
}

/** The fields of the form as the API takes them; an empty port is one that was not given. */
function bodyOf(kind: ConnectionKind, fields: Partial<Record<string, string>>) {
  const part = (prefix: string): Record<string, string | undefined> =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
      ),
    );
  const { port = "", tls, ...settings } = part("settings.");
  const hasServer = CONNECTION_FACTS[kind].reads === "query";
  const typed = hasServer && { ...(port.trim() !== "" && { port: Number(port) }), tls: tls === "true" };
  return {
    name: fields["name"],
    kind,
    settings: { ...settings, ...typed },
    secret: part("secret."),
  };
}

function withoutSecret(fields: Partial<Record<string, string>>): Partial<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith("secret.")));
}
