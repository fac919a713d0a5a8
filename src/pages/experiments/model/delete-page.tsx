import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { ConfirmForm } from "../../../ui/confirm.tsx";
import { AppShell } from "../../../ui/layout.tsx";
import { crumbsTo, type ProjectView } from "../view.ts";
import type { ExperimentRow, ModelRow, VersionRow } from "../../../experiments/queries.ts";

export interface ModelDeletePageProps {
  view: ProjectView;
  model: ModelRow;
  version: VersionRow;
  experiment: ExperimentRow;
  /** Why it was not deleted. */
  message: string | undefined;
}

/** What the deletion of a model takes with it. */
export const WHAT_DELETION_TAKES =
  "This deletes the model, its files, its report and its metrics. This cannot be undone.";

/** Asks whether the model is to be deleted, or says why it was not. */
export function ModelDeletePage({ view, model, version, experiment, message }: ModelDeletePageProps) {
  const here = `/models/${model.id}`;
  const crumbs = [
    ...crumbsTo(view, experiment, version.number),
    { label: model.name, href: here },
    { label: "Delete" },
  ];
  return (
    <AppShell title={`Delete ${model.name}`} frame={view.frame} section="experiments" breadcrumb={crumbs}>
      <div class="measure stack">
        {message !== undefined && (
          <Callout level="error" title="The model was not deleted" live>
            {message}
          </Callout>
        )}
        <Card title="Delete model" headingLevel={1} tone="danger">
          <ConfirmForm action={`${here}/delete`} name={model.name} verb="Delete model" cancelHref={here}>
            {WHAT_DELETION_TAKES}
          </ConfirmForm>
        </Card>
      </div>
    </AppShell>
  );
}
