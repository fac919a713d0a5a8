import { type ProjectPageView, ProjectShell } from "../project-shell.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmForm } from "../../ui/confirm.tsx";
import { leadOf } from "../../pipelines/connections/connection-kind-view.ts";
import { CONNECTION_FACTS } from "../../pipelines/connections/connection-kinds.ts";
import { connectionsPath } from "./list-page.tsx";
import type { ConnectionRow } from "../../pipelines/connections/queries.ts";

export interface ConnectionDeletePageProps {
  view: Pick<ProjectPageView, "frame" | "project">;
  connection: Pick<ConnectionRow, "id" | "name" | "kind" | "settings">;
  /** Why it was not deleted. */
  message: string | undefined;
}

/** Asks whether the connection is to be deleted, or says why it was not. */
export function ConnectionDeletePage({ view, connection, message }: ConnectionDeletePageProps) {
  const path = connectionsPath(view.project);
  const { id, name, kind } = connection;
  const crumbs = [{ label: "Connections", href: path }, { label: name }, { label: "Delete" }];
  return (
    <ProjectShell view={view} title={`Delete ${name}`} section="connections" crumbs={crumbs}>
      <div class="measure stack">
        {message !== undefined && (
          <Callout level="error" title="The connection was not deleted" live>
            {message}
          </Callout>
        )}
        <Card title="Delete connection" headingLevel={1} tone="danger">
          <ConfirmForm action={`${path}/${id}/delete`} name={name} verb="Delete connection" cancelHref={path}>
            The connection to {CONNECTION_FACTS[kind].label} at {leadOf(connection).place} and its secret will be gone.
            What was delivered stays where it is. This cannot be undone.
          </ConfirmForm>
        </Card>
      </div>
    </ProjectShell>
  );
}
