import type { Child } from "hono/jsx";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { Icon } from "../../ui/icon.tsx";
import { BarePage } from "../../ui/layout.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { VERSION } from "../../version.ts";
import type { ApiBody, ApiCall, ApiDocument, ApiGroup } from "../../docs/api-document.ts";
import { type SchemaRow, type Schemas, schemaRows, typeText } from "../../docs/json-schema.ts";

/** The whole API as a page to read: calls by subject, each with what it takes and answers. */
export function ApiPage({ api }: { api: ApiDocument }) {
  return (
    <BarePage title="API" assetVersion={VERSION} width="wide" footer={<a href="/openapi.json">OpenAPI document</a>}>
      <PageHeader
        title="API of Tiltyard"
        badges={<Badge>{`version ${api.version}`}</Badge>}
        description="JSON over HTTP, with bearer tokens."
      />
      <Basics />
      <nav class="cluster" aria-label="Subjects">
        {api.groups.map(({ tag }) => (
          <a href={`#${anchor(tag)}`}>{tag}</a>
        ))}
      </nav>
      {api.groups.map((group) => (
        <Group group={group} schemas={api.schemas} />
      ))}
    </BarePage>
  );
}

function Basics() {
  return (
    <Card title="In general">
      <p>
        Send <code>Authorization: Bearer …</code> with a personal token, which acts as its user, or with an API key,
        which belongs to one deployment. Each deployment has a page of its own under <code>/docs/</code> and its slug,
        with examples that run.
      </p>
      <p>
        Lists answer <code>items</code> and <code>next_cursor</code>. Continue with <code>?cursor=</code> and up to 500
        items with <code>?limit=</code>. Times are ISO 8601 in UTC. Refusals are <code>application/problem+json</code>{" "}
        with a stable <code>code</code>, a <code>detail</code> that says what to change, and a <code>request_id</code>.
      </p>
      <p>
        Clients of the Open Inference Protocol v2 (KServe, Triton, MLServer) find each deployment as a model under{" "}
        <code>/v2/models/</code> and its slug, with the same credentials; refusals there are{" "}
        <code>{'{"error": "…"}'}</code>, as that protocol says.
      </p>
    </Card>
  );
}

function Group({ group: { tag, calls }, schemas }: { group: ApiGroup; schemas: Schemas }) {
  return (
    <section class="stack" id={anchor(tag)}>
      <h2>{tag}</h2>
      {calls.map((call) => (
        <Call call={call} schemas={schemas} />
      ))}
    </section>
  );
}

function Call({ call, schemas }: { call: ApiCall; schemas: Schemas }) {
  const { method, path, summary, description, credential, parameters, bodies, responses } = call;
  return (
    <details class="card disclosure" id={anchor(`${method} ${path}`)}>
      <summary class="card-body">
        <span class="cluster">
          <Icon name="chevron-down" size="small" />
          <Badge tone={TONES[method]}>{method}</Badge>
          <code>
            <Path path={path} />
          </code>
          <span class="muted">{summary}</span>
        </span>
      </summary>
      <div class="card-body">
        {description !== "" && (
          <p>
            <Prose text={description} />
          </p>
        )}
        {CREDENTIAL_TEXTS[credential] !== null && <p class="small">{CREDENTIAL_TEXTS[credential]}</p>}
        {parameters.length > 0 && (
          <Table
            caption="Parameters"
            rows={parameters}
            columns={[
              { key: "name", header: "Parameter", primary: true, cell: ({ name }) => <code>{name}</code> },
              { key: "place", header: "In", cell: ({ place }) => place },
              {
                key: "type",
                header: "Is",
                cell: ({ schema, required }) => typeText(schema, schemas) + (required ? "" : ", optional"),
              },
              {
                key: "description",
                header: "What it says",
                cell: (parameter) => <Prose text={parameter.description} />,
              },
            ]}
          />
        )}
        {bodies.map((body, index) => (
          <Body title={`${index === 0 ? "Body" : "Or"}: ${body.type}`} body={body} schemas={schemas} />
        ))}
        {responses.map((response) => (
          <Response {...response} schemas={schemas} />
        ))}
      </div>
    </details>
  );
}

const TONES: Partial<Record<string, "accent" | "ok" | "warning" | "bad">> = {
  GET: "accent",
  POST: "ok",
  PUT: "warning",
  PATCH: "warning",
  DELETE: "bad",
};

/** null: as it says at the top of the page. */
const CREDENTIAL_TEXTS: Record<ApiCall["credential"], string | null> = {
  required: null,
  optional: "Needs no token if the deployment is public. A token that is sent must be valid.",
  none: "Needs no token.",
};

/** The refusals are the same for every call, so their shape is not told each time. */
function Response({ status, description, body, schemas }: ApiCall["responses"][number] & { schemas: Schemas }) {
  const title = `${status === "default" ? "Otherwise" : status}: ${description}`;
  if (body && status !== "default") return <Body title={title} body={body} schemas={schemas} />;
  return (
    <p class="small">
      <Prose text={title} />
    </p>
  );
}

function Body({ title, body, schemas }: { title: string; body: ApiBody; schemas: Schemas }) {
  const rows = schemaRows(body.schema, schemas);
  const columns: Column<SchemaRow>[] = [
    {
      key: "path",
      header: "Field",
      primary: true,
      cell: ({ path }) => <code>{path === "" ? "(all of it)" : path}</code>,
    },
    { key: "type", header: "Is", cell: ({ type, required }) => type + (required ? "" : ", optional") },
  ];
  if (rows.some(({ description }) => description !== "")) {
    columns.push({
      key: "description",
      header: "What it says",
      cell: ({ description }) => <Prose text={description} />,
    });
  }
  return (
    <div class="stack">
      <h3>
        <Prose text={title} />
      </h3>
      <Table caption={title} rows={rows} columns={columns} />
    </div>
  );
}

/** A path that may go on in the next line at each of its parts, where the window is narrow. */
function Path({ path }: { path: string }): Child {
  return path.split(/(?<=.)(?=\/)/).map((part, index) => (
    <>
      {index > 0 && <wbr />}
      {part}
    </>
  ));
}

/** Text in which backticks mark code. */
function Prose({ text }: { text: string }): Child {
  return text.split("`").map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part));
}

function anchor(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
