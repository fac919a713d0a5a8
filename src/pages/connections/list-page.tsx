import { ProjectShell } from "../project-shell.tsx";
import { Badge } from "../../ui/badge.tsx";
import { ActionButton, ButtonLink } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Pagination } from "../../ui/pagination.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { UsedBy } from "../used-by.tsx";
import { CONNECTION_FACTS } from "../../pipelines/connections/connection-kinds.ts";
import type { ConnectionLine, ConnectionsView } from "./view.ts";
import type { ConnectionVerdict } from "../../pipelines/connections/test-connection.ts";

/** Where the connections of a project are. */
export function connectionsPath({ slug }: { slug: string }): string {
  return `/projects/${slug}/connections`;
}

export interface ConnectionsPageProps {
  view: ConnectionsView;
  /** What a test without JavaScript has found. */
  tested?: { name: string; verdict: ConnectionVerdict };
}

/** The connections of a project, newest first. */
export function ConnectionsPage({ view, tested }: ConnectionsPageProps) {
  const { connections, mayChange, nextCursor, isFirstPage } = view;
  const path = connectionsPath(view.project);
  const add = mayChange && (
    <ButtonLink href={`${path}/new`} variant="primary" icon="plus">
      New connection
    </ButtonLink>
  );
  return (
    <ProjectShell view={view} title="Connections" section="connections" crumbs={[{ label: "Connections" }]}>
      <PageHeader
        title="Connections"
        description="Databases, stores and addresses that pipelines read from and deliver to. Their secrets are sealed and never shown."
        actions={connections.length > 0 && add}
      />
      {tested && (
        <Callout
          level={tested.verdict.ok ? "success" : "error"}
          title={tested.verdict.ok ? `${tested.name} works` : `${tested.name} does not work`}
          live
        >
          {tested.verdict.detail}
        </Callout>
      )}
      <Card flush>
        <Table
          caption="Connections"
          rows={connections}
          columns={[...COLUMNS, ...(mayChange ? actionColumns(path) : [])]}
          empty={
            <EmptyState title="No connections yet" icon="connections" action={add}>
              {mayChange
                ? "Add a database, a store or an address that pipelines can read from or deliver to."
                : "They appear here once a contributor of the project adds one."}
            </EmptyState>
          }
        />
      </Card>
      <Pagination
        previousHref={isFirstPage ? undefined : path}
        previousLabel="Newest"
        nextHref={nextCursor === null ? undefined : `${path}?cursor=${nextCursor}`}
      />
    </ProjectShell>
  );
}

/** What a test has found, in place. */
export function TestVerdict({ verdict: { ok, detail } }: { verdict: ConnectionVerdict }) {
  return (
    <>
      <Badge tone={ok ? "ok" : "bad"} dot="still">
        {ok ? "Works" : "Does not work"}
      </Badge>
      <p class="cell-note">{detail}</p>
    </>
  );
}

const COLUMNS: Column<ConnectionLine>[] = [
  { key: "name", header: "Name", primary: true, cell: ({ name }) => <span class="cell-name">{name}</span> },
  { key: "kind", header: "Kind", cell: ({ kind }) => CONNECTION_FACTS[kind].label, nowrap: true },
  {
    key: "lead",
    header: "Leads to",
    cell: ({ id, lead: { place, note } }) => (
      <div>
        <span class="cell-break">{place}</span>
        {note !== null && <span class="cell-note">{note}</span>}
        <div id={verdictId(id)} aria-live="polite" />
      </div>
    ),
  },
  { key: "uses", header: "Used by", cell: ({ usedBy }) => <UsedBy names={usedBy} /> },
  {
    key: "created",
    header: "Created",
    cell: ({ createdAt, creator }) => (
      <div>
        <Timestamp atMs={createdAt} precision="date" />
        {creator !== null && <span class="cell-note">by {creator}</span>}
      </div>
    ),
  },
];

function verdictId(connectionId: string): string {
  return `verdict-${connectionId}`;
}

function actionColumns(path: string): Column<ConnectionLine>[] {
  return [
    {
      key: "test",
      header: "Test",
      action: true,
      cell: ({ id, name }) => <TestButton action={`${path}/${id}/test`} id={id} name={name} />,
    },
    {
      key: "edit",
      header: "Edit",
      action: true,
      cell: ({ id, name }) => (
        <ButtonLink href={`${path}/${id}/edit`} size="small" attributes={{ "aria-label": `Edit ${name}` }}>
          Edit
        </ButtonLink>
      ),
    },
    {
      key: "delete",
      header: "Delete",
      action: true,
      cell: ({ id, name, mayDelete }) =>
        mayDelete && (
          <ButtonLink
            href={`${path}/${id}/delete`}
            size="small"
            variant="danger"
            attributes={{ "aria-label": `Delete ${name}` }}
          >
            Delete
          </ButtonLink>
        ),
    },
  ];
}

function TestButton({ action, id, name }: { action: string; id: string; name: string }) {
  return (
    <ActionButton
      action={action}
      label="Test"
      busyLabel="Testing …"
      size="small"
      attributes={{ "aria-label": `Test ${name}` }}
      formAttributes={{ "hx-post": action, "hx-target": `#${verdictId(id)}`, "hx-swap": "innerHTML" }}
    />
  );
}
