import { pollAttributes } from "../../ui/poll.ts";
import { ProjectShell } from "../project-shell.tsx";
import { Badge, StatusBadge } from "../../ui/badge.tsx";
import { ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { formatBytes, formatCount } from "../../lib/format.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { Pagination } from "../../ui/pagination.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { UsedBy } from "../used-by.tsx";
import { type DatasetLine, type DatasetsView, statesOf } from "./view.ts";

/** Where the datasets of a project are. */
export function datasetsPath({ slug }: { slug: string }): string {
  return `/projects/${slug}/datasets`;
}

/** The datasets of a project, newest first. */
export function DatasetsPage({ view }: { view: DatasetsView }) {
  const path = datasetsPath(view.project);
  return (
    <ProjectShell view={view} title="Datasets" section="datasets" crumbs={[{ label: "Datasets" }]}>
      <PageHeader
        title="Datasets"
        description="CSV or Parquet files with rows for pipelines to predict."
        actions={view.lines.length > 0 && <UploadLink view={view} />}
      />
      <DatasetsCard view={view} />
      <Pagination
        previousHref={view.cursor === null ? undefined : path}
        previousLabel="Newest"
        nextHref={view.nextCursor === null ? undefined : `${path}?cursor=${view.nextCursor}`}
      />
    </ProjectShell>
  );
}

/** The table. While a file is being read, it asks for itself again. */
export function DatasetsCard({ view }: { view: DatasetsView }) {
  const { lines, mayChange, cursor } = view;
  const path = datasetsPath(view.project);
  const isRead = lines.some(({ dataset }) => dataset.state === "running");
  const query = new URLSearchParams({ ...(cursor !== null && { cursor }), seen: statesOf(view) });
  const columns = columnsOf(view.nowMs);
  return (
    <div id="datasets" {...(isRead ? pollAttributes(`${path}?${query.toString()}`) : {})}>
      <Card flush>
        <Table
          caption="Datasets"
          rows={lines}
          columns={mayChange ? [...columns, deleteColumn(path)] : columns}
          empty={
            <EmptyState title="No datasets yet" icon="datasets" action={<UploadLink view={view} />}>
              {mayChange
                ? "Upload a CSV or Parquet file for a pipeline to predict."
                : "They appear here once a contributor of the project uploads one."}
            </EmptyState>
          }
        />
      </Card>
      {isRead && (
        <noscript>
          <p class="muted">
            A file is being read. <a href={path}>Look again</a> to see when it has ended.
          </p>
        </noscript>
      )}
    </div>
  );
}

function UploadLink({ view: { mayChange, project } }: { view: DatasetsView }) {
  if (!mayChange) return null;
  return (
    <ButtonLink href={`${datasetsPath(project)}/new`} variant="primary" icon="upload">
      Upload dataset
    </ButtonLink>
  );
}

function columnsOf(nowMs: number): Column<DatasetLine>[] {
  return [
    {
      key: "name",
      header: "Name",
      primary: true,
      cell: ({ dataset, creator }) => (
        <>
          <span class="cell-name">{dataset.name}</span>
          <span class="cell-note">
            <Timestamp atMs={dataset.createdAt} nowMs={nowMs} />
            {creator !== null && ` by ${creator}`}
          </span>
        </>
      ),
    },
    { key: "format", header: "Format", cell: ({ dataset: { format } }) => (format === "csv" ? "CSV" : "Parquet") },
    { key: "rows", header: "Rows", align: "end", cell: ({ dataset: { rows } }) => countOf(rows) },
    {
      key: "columns",
      header: "Columns",
      align: "end",
      cell: ({ dataset: { columns } }) => <Columns names={columns} />,
    },
    {
      key: "size",
      header: "Size",
      align: "end",
      cell: ({ dataset, arrivedBytes }) => formatBytes(dataset.state === "pending" ? arrivedBytes : dataset.bytes),
    },
    { key: "state", header: "State", cell: ({ dataset }) => <State dataset={dataset} /> },
    { key: "uses", header: "Used by", cell: ({ usedBy }) => <UsedBy names={usedBy} /> },
  ];
}

function countOf(count: number | null) {
  return count === null ? <span class="muted">–</span> : formatCount(count);
}

const NAMES_SHOWN = 40;

/** How many there are; hovering tells what they are called. */
function Columns({ names }: { names: string[] | null }) {
  if (names === null) return countOf(null);
  const rest = names.length > NAMES_SHOWN ? ", …" : "";
  return <span title={names.slice(0, NAMES_SHOWN).join(", ") + rest}>{formatCount(names.length)}</span>;
}

function State({ dataset: { state, errorMessage } }: Pick<DatasetLine, "dataset">) {
  switch (state) {
    case "pending":
      return (
        <div>
          <Badge dot="busy">Uploading</Badge>
          <p class="cell-note">Removed when it is not complete within a week</p>
        </div>
      );
    case "running":
      return (
        <Badge tone="accent" dot="busy">
          Reading
        </Badge>
      );
    case "succeeded":
      return (
        <Badge tone="ok" dot="still">
          Ready
        </Badge>
      );
    case "failed":
      return (
        <div>
          <StatusBadge status="failed" />
          <p class="cell-note">{errorMessage}</p>
        </div>
      );
  }
}

function deleteColumn(path: string): Column<DatasetLine> {
  return {
    key: "delete",
    header: "Delete",
    action: true,
    cell: ({ dataset: { id, name }, mayDelete }) =>
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
  };
}
