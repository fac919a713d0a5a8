import { type ProjectPageView, ProjectShell } from "../project-shell.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmForm } from "../../ui/confirm.tsx";
import { formatBytes, plural } from "../../lib/format.ts";
import { datasetsPath } from "./list-page.tsx";
import type { DatasetRow } from "../../pipelines/datasets/queries.ts";

export interface DatasetDeletePageProps {
  view: Pick<ProjectPageView, "frame" | "project">;
  dataset: DatasetRow;
  /** Why it was not deleted. */
  message: string | undefined;
}

/** Asks whether the dataset is to be deleted, or says why it was not. */
export function DatasetDeletePage({ view, dataset, message }: DatasetDeletePageProps) {
  const path = datasetsPath(view.project);
  const { id, name, rows, bytes } = dataset;
  const size = rows === null ? formatBytes(bytes) : `${plural(rows, "row")}, ${formatBytes(bytes)}`;
  const crumbs = [{ label: "Datasets", href: path }, { label: name }, { label: "Delete" }];
  return (
    <ProjectShell view={view} title={`Delete ${name}`} section="datasets" crumbs={crumbs}>
      <div class="measure stack">
        {message !== undefined && (
          <Callout level="error" title="The dataset was not deleted" live>
            {message}
          </Callout>
        )}
        <Card title="Delete dataset" headingLevel={1} tone="danger">
          <ConfirmForm action={`${path}/${id}/delete`} name={name} verb="Delete dataset" cancelHref={path}>
            The file ({size}) will be gone. Predictions made from it stay with their runs. This cannot be undone.
          </ConfirmForm>
        </Card>
      </div>
    </ProjectShell>
  );
}
