import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { ConfirmForm } from "../../../ui/confirm.tsx";
import { plural } from "../../../lib/format.ts";
import { AppShell } from "../../../ui/layout.tsx";
import { crumbsTo, type ProjectView } from "../view.ts";
import type { ExperimentRow } from "../../../experiments/queries.ts";

export interface ExperimentDeletePageProps {
  view: ProjectView;
  experiment: ExperimentRow;
  /** How many of them go with it. */
  versions: number;
  models: number;
  /** Why it was not deleted. */
  message: string | undefined;
}

/** Asks whether the experiment is to be deleted, or says why it was not. */
export function ExperimentDeletePage({ view, experiment, versions, models, message }: ExperimentDeletePageProps) {
  const here = `/experiments/${experiment.id}`;
  const crumbs = [...crumbsTo(view, experiment), { label: "Delete" }];
  return (
    <AppShell title={`Delete ${experiment.name}`} frame={view.frame} section="experiments" breadcrumb={crumbs}>
      <div class="measure stack">
        {message !== undefined && (
          <Callout level="error" title="The experiment was not deleted" live>
            {message}
          </Callout>
        )}
        <Card title="Delete experiment" headingLevel={1} tone="danger">
          <ConfirmForm action={`${here}/delete`} name={experiment.name} verb="Delete experiment" cancelHref={here}>
            The experiment with {plural(versions, "version")} of training data and {plural(models, "model")} will be
            gone, with all of their files. This cannot be undone.
          </ConfirmForm>
        </Card>
      </div>
    </AppShell>
  );
}
