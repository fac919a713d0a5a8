import { ButtonLink } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatCount } from "../../../lib/format.ts";
import { AppShell } from "../../../ui/layout.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { Pagination } from "../../../ui/pagination.tsx";
import { Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import type { PartCounts } from "../../../experiments/page-queries.ts";
import { crumbsTo, type ProjectView } from "../view.ts";
import type { ExperimentRow } from "../../../experiments/queries.ts";
import { TASK_WORDS } from "../task-words.ts";

export interface ExperimentListProps {
  view: ProjectView;
  experiments: (ExperimentRow & { counts: PartCounts; creator: string | null })[];
  nextCursor: string | null;
  isFirstPage: boolean;
}

/** The experiments of a project, newest first. */
export function ExperimentList({ view, experiments, nextCursor, isFirstPage }: ExperimentListProps) {
  const here = `/projects/${view.project.slug}/experiments`;
  const newExperiment = view.mayChange && (
    <ButtonLink href={`${here}/new`} variant="primary" icon="plus">
      New experiment
    </ButtonLink>
  );
  return (
    <AppShell title="Experiments" frame={view.frame} section="experiments" breadcrumb={crumbsTo(view)}>
      <PageHeader
        title="Experiments"
        description="An experiment is a task and its target. Its versions hold training data and the models trained on it."
        actions={experiments.length > 0 && newExperiment}
      />
      <Card flush>
        <Table
          caption="Experiments"
          rows={experiments}
          columns={[
            {
              key: "name",
              header: "Name",
              primary: true,
              cell: ({ id, name }) => <a href={`/experiments/${id}`}>{name}</a>,
            },
            { key: "task", header: "Task", cell: ({ task }) => TASK_WORDS[task].label },
            { key: "target", header: "Target", cell: ({ target }) => target ?? <span class="muted">none</span> },
            { key: "versions", header: "Versions", align: "end", cell: ({ counts }) => formatCount(counts.versions) },
            { key: "models", header: "Models", align: "end", cell: ({ counts }) => formatCount(counts.models) },
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
          ]}
          empty={
            <EmptyState title="No experiments yet" icon="experiments" action={newExperiment}>
              {view.mayChange
                ? "Create one, add the training data, and upload the ONNX models trained on it."
                : "They appear here once a contributor of the project creates one."}
            </EmptyState>
          }
        />
      </Card>
      <Pagination
        previousHref={isFirstPage ? undefined : here}
        previousLabel="Newest"
        nextHref={nextCursor === null ? undefined : `${here}?cursor=${nextCursor}`}
      />
    </AppShell>
  );
}
