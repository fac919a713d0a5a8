import { inArray } from "drizzle-orm";
import { Hono } from "hono";
import { users } from "../../../access/schema.ts";
import { type Database, database } from "../../../db.ts";
import type { AppEnv } from "../../../http.ts";
import { ButtonLink } from "../../../ui/button.tsx";
import { StatusBadge } from "../../../ui/badge.tsx";
import { Card } from "../../../ui/card.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { deploymentPath, DeploymentShell, type DeploymentView, deploymentView } from "../deployment-shell.tsx";
import { type DeploymentVersion, listDeploymentVersions, type VersionModel } from "../../../deployments/queries.ts";

/** /deployments/{deployment}/versions: what the deployment has served, and serves. */
export const versionPages = new Hono<AppEnv>();

versionPages.get("/deployments/:deployment/versions", async (c) => {
  const db = database(c.env);
  const view = await deploymentView(c);
  const versions = await listDeploymentVersions(db, view.deployment.id);
  const names = await userNames(db, [...new Set(versions.map(({ createdBy }) => createdBy))]);
  return c.html(<VersionsPage view={view} versions={versions} names={names} />);
});

/** D1 binds at most 100 parameters a statement; who comes after so many makers of one deployment goes unnamed. */
const NAMES_MAX = 90;

async function userNames(db: Database, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await db
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(inArray(users.id, ids.slice(0, NAMES_MAX)));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

interface VersionsPageProps {
  view: DeploymentView;
  versions: DeploymentVersion[];
  /** Of users, by id. */
  names: ReadonlyMap<string, string>;
}

function VersionsPage({ view, versions, names }: VersionsPageProps) {
  const { currentVersion, current, deployed } = view.deployment;
  // A deployment that is being built has nothing to switch from.
  const maySwitch = view.mayChange && deployed !== "building";
  const path = `${deploymentPath(view.deployment)}/versions`;
  return (
    <DeploymentShell
      view={view}
      section="versions"
      actions={
        maySwitch && (
          <>
            {current.challenger && <ButtonLink href={`${path}/promote`}>Promote the challenger</ButtonLink>}
            <ButtonLink href={`${path}/new`} variant="primary">
              New version
            </ButtonLink>
          </>
        )
      }
    >
      <Card flush>
        <Table
          caption="Versions, newest first"
          rows={versions}
          columns={[
            {
              key: "number",
              header: "Version",
              primary: true,
              nowrap: true,
              cell: ({ number }) => (
                <>
                  {number} {number === currentVersion && <StatusBadge status="current" />}
                </>
              ),
            },
            { key: "main", header: "Main", cell: ({ main }) => <ModelLink model={main} /> },
            { key: "challenger", header: "Challenger", cell: ({ challenger }) => <ModelLink model={challenger} /> },
            { key: "note", header: "Note", cell: ({ note }) => (note === "" ? <span class="muted">–</span> : note) },
            {
              key: "created",
              header: "Created",
              cell: ({ createdAt, createdBy }) => <Creation atMs={createdAt} by={names.get(createdBy)} />,
            },
            ...(maySwitch ? [rollbackColumn(path, currentVersion)] : []),
          ]}
        />
      </Card>
    </DeploymentShell>
  );
}

function rollbackColumn(path: string, currentVersion: number): Column<DeploymentVersion> {
  return {
    key: "rollback",
    header: "Roll back",
    action: true,
    cell: ({ number }) =>
      number === currentVersion ? null : (
        <a href={`${path}/${number}/rollback`} aria-label={`Roll back to version ${number}`}>
          Roll back
        </a>
      ),
  };
}

function Creation({ atMs, by }: { atMs: number; by: string | undefined }) {
  return (
    <span>
      <Timestamp atMs={atMs} />
      {by !== undefined && <span class="cell-note">by {by}</span>}
    </span>
  );
}

function ModelLink({ model }: { model: VersionModel | null }) {
  if (!model) return <span class="muted">None</span>;
  if (model.name === "") return <span class="muted">Deleted</span>;
  return (
    <span class="cell-name">
      <a href={`/models/${model.id}`}>{model.name}</a>
      <span class="cell-note">experiment version {model.version}</span>
    </span>
  );
}
