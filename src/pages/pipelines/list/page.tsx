import { pollAttributes } from "../../../ui/poll.ts";
import { ProjectShell } from "../../project-shell.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { Pagination } from "../../../ui/pagination.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { isUnderWay } from "../../../pipelines/runs/run-words.ts";
import { RunStateBadge } from "../../runs/run-state.tsx";
import { wallClockText } from "../../../pipelines/schedules/wall-clock.ts";
import type { Destination } from "../../../pipelines/schema.ts";
import { pipelinePath, pipelinesPath, runPath } from "../../../pipelines/definitions/pipeline-paths.ts";
import type { PipelineNames } from "../../../pipelines/definitions/pipeline-names.ts";
import { ConnectionName, DeploymentText, DestinationNote, scheduleText, SourceText } from "../pipeline-words.tsx";
import { type PipelineLine, type PipelinesView, statesOf } from "./view.ts";

/** The pipelines of a project, newest first. */
export function PipelinesPage({ view }: { view: PipelinesView }) {
  const path = pipelinesPath(view.project);
  return (
    <ProjectShell view={view} title="Pipelines" section="pipelines" crumbs={[{ label: "Pipelines" }]}>
      <PageHeader
        title="Pipelines"
        description="A pipeline predicts the rows of a source with a deployment, on a schedule or on demand, and delivers the answers."
        actions={view.lines.length > 0 && <NewLink view={view} />}
      />
      <PipelinesCard view={view} />
      <Pagination
        previousHref={view.cursor === null ? undefined : path}
        previousLabel="Newest"
        nextHref={view.nextCursor === null ? undefined : `${path}?cursor=${view.nextCursor}`}
      />
    </ProjectShell>
  );
}

/** The table. While a last run is under way, it asks for itself again. */
export function PipelinesCard({ view }: { view: PipelinesView }) {
  const { lines, names, mayChange, cursor, nowMs } = view;
  const runs = lines.some(({ pipeline: { lastRun } }) => lastRun && isUnderWay(lastRun.state));
  const query = new URLSearchParams({ ...(cursor !== null && { cursor }), seen: statesOf(view) });
  return (
    <div id="pipelines" {...(runs ? pollAttributes(`${pipelinesPath(view.project)}?${query.toString()}`) : {})}>
      <Card flush>
        <Table
          caption="Pipelines"
          rows={lines}
          columns={columnsOf(names, nowMs)}
          empty={
            <EmptyState title="No pipelines yet" icon="pipelines" action={<NewLink view={view} />}>
              {mayChange
                ? "A pipeline reads rows from a dataset, a database, a store or a URL, predicts them with a deployment, keeps the answers of main and challenger as files, and delivers them."
                : "They appear here once a contributor of the project creates one."}
            </EmptyState>
          }
        />
      </Card>
    </div>
  );
}

function NewLink({ view: { mayChange, project } }: { view: PipelinesView }) {
  if (!mayChange) return null;
  return (
    <ButtonLink href={`${pipelinesPath(project)}/new`} variant="primary" icon="plus">
      New pipeline
    </ButtonLink>
  );
}

function columnsOf(names: PipelineNames, nowMs: number): Column<PipelineLine>[] {
  return [
    {
      key: "name",
      header: "Name",
      primary: true,
      cell: ({ pipeline }) => (
        <>
          <a class="cell-name" href={pipelinePath(pipeline)}>
            {pipeline.name}
          </a>
          <span class="cell-note">
            with <DeploymentText deployment={pipeline.deployment} />
          </span>
        </>
      ),
    },
    {
      key: "source",
      header: "Reads",
      cell: ({ pipeline: { source } }) => (
        <span class="cell-words">
          <SourceText source={source} names={names} />
        </span>
      ),
    },
    {
      key: "destinations",
      header: "Delivers to",
      cell: ({ pipeline: { destinations } }) => <Destinations destinations={destinations} names={names} />,
    },
    { key: "schedule", header: "Schedule", cell: ({ pipeline }) => <ScheduleCell pipeline={pipeline} /> },
    { key: "next", header: "Next run", cell: (line) => <NextRun line={line} nowMs={nowMs} /> },
    { key: "last", header: "Last run", cell: ({ pipeline }) => <LastRun pipeline={pipeline} nowMs={nowMs} /> },
    { key: "enabled", header: "Enabled", cell: ({ pipeline: { enabled } }) => (enabled ? "Yes" : "No") },
  ];
}

function Destinations({ destinations, names }: { destinations: Destination[]; names: PipelineNames }) {
  if (destinations.length === 0) return <span class="muted cell-words">Nowhere: its files are kept here</span>;
  return (
    <div class="cell-words">
      {destinations.map((destination) => (
        <div>
          <ConnectionName id={destination.connection_id} names={names} />
          <span class="cell-note">
            <DestinationNote destination={destination} />
          </span>
        </div>
      ))}
    </div>
  );
}

function ScheduleCell({ pipeline: { schedule } }: Pick<PipelineLine, "pipeline">) {
  if (!schedule) return <span class="muted">Only when asked</span>;
  const words = scheduleText(schedule);
  return (
    <div class="cell-words">
      {words.charAt(0).toUpperCase() + words.slice(1)}
      <span class="cell-note">
        <code>{schedule.cron}</code> {schedule.timezone}
      </span>
    </div>
  );
}

function NextRun({ line: { pipeline, nextRun }, nowMs }: { line: PipelineLine; nowMs: number }) {
  if (nextRun === null || !pipeline.schedule) return <span class="muted">–</span>;
  const { timezone } = pipeline.schedule;
  return (
    <div class="cell-words">
      <Timestamp atMs={nextRun} nowMs={nowMs} />
      <span class="cell-note">
        {wallClockText(nextRun, timezone)}, {timezone}
      </span>
    </div>
  );
}

function LastRun({ pipeline: { lastRun }, nowMs }: Pick<PipelineLine, "pipeline"> & { nowMs: number }) {
  if (!lastRun) return <span class="muted">None yet</span>;
  return (
    <a class="plain-link" href={runPath(lastRun)}>
      <RunStateBadge state={lastRun.state} />
      <span class="cell-note">
        <Timestamp atMs={lastRun.finishedAt ?? lastRun.startedAt ?? lastRun.createdAt} nowMs={nowMs} />
      </span>
    </a>
  );
}
