import { Card } from "../../../ui/card.tsx";
import { ConfirmDialog } from "../../../ui/confirm.tsx";
import { plural } from "../../../lib/format.ts";
import { Icon } from "../../../ui/icon.tsx";
import { MenuLink, MenuSeparator, RowMenu } from "../../../ui/menu.tsx";
import { Pagination } from "../../../ui/pagination.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { DeletionNotice } from "../deletion-notice.tsx";
import { deploymentPath } from "../deployment-shell.tsx";
import { NoDeployments } from "./no-deployments.tsx";
import { pollAttributes } from "../../../ui/poll.ts";
import { DEPLOYMENTS_PER_PAGE, type DeploymentSearch } from "../../../deployments/search-deployments.ts";
import { DeployedBadge, RunningBadge } from "../status-badges.tsx";
import type { Deployment } from "../../../deployments/queries.ts";
import type { DeploymentListView, DeploymentRowView } from "./view.ts";

/** The deployments of a project with what to do with each. While one of them is being built, it asks for itself again. */
export function DeploymentList({ list }: { list: DeploymentListView }) {
  const { rows, search, building, total } = list;
  const seen = `&seen=${building.join(".")}`;
  const poll = building.length > 0 ? pollAttributes(addressOf(list, {}) + seen) : {};
  const isSearched = search.term.trim() !== "";
  return (
    <div class="stack" id="deployment-list" {...poll}>
      {(total > SEARCH_WORTHY || isSearched) && <SearchForm list={list} />}
      <Card flush footer={total > DEPLOYMENTS_PER_PAGE ? <Pages list={list} /> : undefined}>
        <Table
          caption="Deployments"
          rows={rows}
          columns={COLUMNS}
          sort={{ key: search.sort, direction: search.direction }}
          sortHref={(key, direction) =>
            addressOf(list, { sort: key === "name" ? "name" : "created", direction, page: 1 })
          }
          menu={(row) => <DeploymentMenu row={row} />}
          empty={<NoDeployments list={list} firstPage={addressOf(list, { page: 1 })} />}
        />
      </Card>
      {rows
        .filter((row) => row.mayDelete)
        .map((row) => (
          <DeleteDialog row={row} list={list} />
        ))}
    </div>
  );
}

/** Fewer are seen at a glance. */
const SEARCH_WORTHY = 5;

const COLUMNS: Column<DeploymentRowView>[] = [
  {
    key: "name",
    header: "Name",
    primary: true,
    sortable: true,
    cell: ({ deployment }) => <a href={deploymentPath(deployment)}>{deployment.name}</a>,
  },
  { key: "version", header: "Version", align: "end", cell: ({ deployment }) => deployment.currentVersion },
  {
    key: "deployed",
    header: "Deployed",
    nowrap: true,
    cell: ({ deployment }) => <DeployedBadge deployment={deployment} />,
  },
  { key: "running", header: "Running", nowrap: true, cell: (row) => <RunningBadge {...row} /> },
  {
    key: "url",
    header: "URL",
    cell: ({ deployment: { slug, name } }) => (
      <a class="mono" href={`/f/${slug}`} title={`The form of ${name}`}>
        /f/{slug}
      </a>
    ),
  },
  { key: "creator", header: "Creator", cell: ({ deployment }) => deployment.creator },
  {
    key: "created",
    header: "Created",
    sortable: true,
    nowrap: true,
    cell: ({ deployment }) => <Timestamp atMs={deployment.createdAt} precision="date" />,
  },
];

function DeploymentMenu({ row: { deployment, mayDelete } }: { row: DeploymentRowView }) {
  const path = deploymentPath(deployment);
  return (
    <RowMenu id={`menu-${deployment.id}`} label={`Actions for ${deployment.name}`}>
      <MenuLink href={path} icon="general">
        Open
      </MenuLink>
      <MenuLink href={`/docs/${deployment.slug}`} icon="code">
        API documentation
      </MenuLink>
      {mayDelete && (
        <>
          <MenuSeparator />
          <MenuLink href={`${path}/delete`} icon="trash" dialog={dialogId(deployment)} danger>
            Delete
          </MenuLink>
        </>
      )}
    </RowMenu>
  );
}

function DeleteDialog({ row: { deployment }, list }: { row: DeploymentRowView; list: DeploymentListView }) {
  return (
    <ConfirmDialog
      id={dialogId(deployment)}
      title={`Delete ${deployment.name}?`}
      action={`${deploymentPath(deployment)}/delete`}
      name={deployment.name}
      verb="Delete deployment"
      cancelHref={addressOf(list, {})}
    >
      <DeletionNotice />
    </ConfirmDialog>
  );
}

function dialogId({ id }: Pick<Deployment, "id">): string {
  return `delete-${id}`;
}

function SearchForm({ list: { search } }: { list: DeploymentListView }) {
  return (
    <form class="measure" method="get" role="search">
      <div class="input-with-button">
        <input
          class="input"
          type="search"
          name="q"
          value={search.term}
          maxlength={120}
          placeholder="Search by name"
          aria-label="Search deployments by name"
        />
        <button class="input-button" type="submit" aria-label="Search">
          <Icon name="search" />
        </button>
      </div>
      <input type="hidden" name="sort" value={search.sort} />
      <input type="hidden" name="direction" value={search.direction} />
    </form>
  );
}

function Pages({ list }: { list: DeploymentListView }) {
  const { page } = list.search;
  const first = (page - 1) * DEPLOYMENTS_PER_PAGE + 1;
  const last = first + list.rows.length - 1;
  return (
    <Pagination
      previousHref={page > 1 ? addressOf(list, { page: page - 1 }) : undefined}
      nextHref={last < list.total ? addressOf(list, { page: page + 1 }) : undefined}
      previousLabel="Previous"
      nextLabel="Next"
      summary={`${first} to ${last} of ${plural(list.total, "deployment")}`}
    />
  );
}

/** The address of the list, with what is changed of the present search. */
function addressOf({ project, search }: DeploymentListView, change: Partial<DeploymentSearch>): string {
  const { term, sort, direction, page } = { ...search, ...change };
  const query = new URLSearchParams({ q: term, sort, direction, page: String(page) }).toString();
  return `/projects/${project.slug}/deployments?${query}`;
}
