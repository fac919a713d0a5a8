import { pollAttributes } from "../../../ui/poll.ts";
import { ProjectShell } from "../../project-shell.tsx";
import { Badge, StatusBadge } from "../../../ui/badge.tsx";
import { ActionButton, ButtonLink } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { CopyField } from "../../../ui/code-block.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { Pagination } from "../../../ui/pagination.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { progressOfAll, RunsTable } from "../../runs/runs-table.tsx";
import type { Preview } from "../../../pipelines/definitions/preview-destinations.ts";
import { DestinationPreview } from "../destination-preview.tsx";
import { NextRuns } from "../next-runs.tsx";
import { pipelinePath, pipelinesPath } from "../../../pipelines/definitions/pipeline-paths.ts";
import type { PipelineView } from "./view.ts";
import { boundsText, DeploymentText, DestinationText, scheduleText, SourceText } from "../pipeline-words.tsx";

export interface PipelinePageProps {
  view: PipelineView;
  /** Signs what its webhook is sent: shown on the one page that follows its making. */
  signingSecret?: string | null;
  /** Why something was not done. */
  refusal?: string | undefined;
}

/** One pipeline: what it does, when it runs next, and its runs. */
export function PipelinePage({ view, signingSecret = null, refusal }: PipelinePageProps) {
  const { project, pipeline, nextRuns, nowMs, creator } = view;
  const crumbs = [{ label: "Pipelines", href: pipelinesPath(project) }, { label: pipeline.name }];
  return (
    <ProjectShell view={view} title={pipeline.name} section="pipelines" crumbs={crumbs}>
      <PageHeader
        title={pipeline.name}
        badges={<EnabledBadge pipeline={pipeline} />}
        actions={<Actions view={view} />}
      />
      {signingSecret !== null && <Secret value={signingSecret} />}
      {refusal !== undefined && (
        <Callout level="error" title="Nothing was changed" live>
          {refusal}
        </Callout>
      )}
      {pipeline.deployment.deletedAt !== null && (
        <Callout level="warning" title="Its deployment was deleted, so it no longer runs">
          {view.mayChange && "Edit it, choose another deployment and enable it, or delete it."}
        </Callout>
      )}
      <div class="split">
        <Card title="What it does">
          <p class="prose">
            <Sentences view={view} />
          </p>
          <p class="muted small">
            Created <Timestamp atMs={pipeline.createdAt} nowMs={nowMs} />
            {creator !== null && ` by ${creator}`}
          </p>
        </Card>
        <Card title="Next runs">
          {pipeline.schedule && nextRuns.length > 0 ? (
            <NextRuns slots={nextRuns} timezone={pipeline.schedule.timezone} nowMs={nowMs} />
          ) : (
            <p class="muted">{whyNone(view)}</p>
          )}
        </Card>
      </div>
      {view.preview && <DestinationsCard preview={view.preview} />}
      <RunsCard view={view} />
    </ProjectShell>
  );
}

/** What each destination gets, where more than the rows is to be known. */
function DestinationsCard({ preview: { destinations, is_source_known: isKnown } }: { preview: Preview }) {
  return (
    <Card title="What destinations get">
      <div class="stack">
        {destinations.map((destination) => (
          <section>
            <p class="cell-break">It {destination.summary}.</p>
            <DestinationPreview preview={destination} isSourceKnown={isKnown} />
          </section>
        ))}
      </div>
    </Card>
  );
}

/** Whether the schedule of a pipeline starts runs. */
function EnabledBadge({ pipeline: { enabled, deployment } }: Pick<PipelineView, "pipeline">) {
  if (deployment.deletedAt !== null)
    return (
      <Badge tone="warning" dot="still">
        Stopped
      </Badge>
    );
  if (!enabled) return <StatusBadge status="paused" />;
  return <StatusBadge status="enabled" />;
}

function Secret({ value }: { value: string }) {
  return (
    <Callout level="success" title="Saved. Its webhook has a signing secret" live>
      <CopyField
        id="signing-secret"
        label="Signing secret"
        value={value}
        hint="The receiver uses it to verify that messages come from here. Shown only once. Copy it now."
      />
    </Callout>
  );
}

function Actions({ view: { pipeline, mayChange, mayDelete } }: { view: PipelineView }) {
  if (!mayChange) return null;
  const path = pipelinePath(pipeline);
  return (
    <>
      {mayDelete && (
        <ButtonLink href={`${path}/delete`} variant="danger" icon="trash">
          Delete
        </ButtonLink>
      )}
      {pipeline.schedule && (
        <ActionButton
          action={`${path}/enabled`}
          fields={{ enabled: String(!pipeline.enabled) }}
          label={pipeline.enabled ? "Disable" : "Enable"}
        />
      )}
      <ButtonLink href={`${path}/edit`}>Edit</ButtonLink>
      {pipeline.deployment.deletedAt === null && (
        <ActionButton action={`${path}/runs`} label="Run now" busyLabel="Starting …" variant="primary" icon="play" />
      )}
    </>
  );
}

/** What a pipeline does, as people say it. */
function Sentences({ view: { pipeline, names } }: { view: PipelineView }) {
  const { source, deployment, destinations, schedule } = pipeline;
  return (
    <>
      It reads <SourceText source={source} names={names} />, predicts the rows with{" "}
      <DeploymentText deployment={deployment} /> and keeps the answers as files.{" "}
      {destinations.length === 0 && "It has no destinations. "}
      {destinations.map((destination, index) => (
        <>
          {index === 0 ? "Then it " : "It also "}
          <DestinationText destination={destination} names={names} />.{" "}
        </>
      ))}
      {schedule ? (
        <>
          It runs {scheduleText(schedule)} (<code>{schedule.cron}</code>), by the clock of {schedule.timezone}
          {boundsText(schedule)}.{" "}
        </>
      ) : (
        "It runs on demand. "
      )}
      <NotifyText view={pipeline} />
    </>
  );
}

function NotifyText({
  view: { notifyBy, notifyTo },
}: {
  view: Pick<PipelineView["pipeline"], "notifyBy" | "notifyTo">;
}) {
  if (notifyBy === null || notifyTo === null) return <>No notifications.</>;
  // The rest of an address often is a secret of the receiver.
  const receiver = notifyBy === "webhook" ? `the webhook at ${new URL(notifyTo).host}` : notifyTo;
  return <>It notifies {receiver} when a run ends.</>;
}

function whyNone({ pipeline: { schedule, enabled, deployment } }: PipelineView): string {
  if (!schedule) return "It has no schedule and runs on demand.";
  if (deployment.deletedAt !== null) return "None: its deployment was deleted.";
  return enabled ? "None: the schedule has ended." : "None while it is disabled. You can run it by hand.";
}

/** Its runs. While one is under way, the card asks for itself again. */
export function RunsCard({ view }: { view: PipelineView }) {
  const { pipeline, runs, cursor, nextCursor, nowMs } = view;
  const path = pipelinePath(pipeline);
  const seen = progressOfAll(runs);
  const query = new URLSearchParams({ ...(cursor !== null && { cursor }), ...(seen !== null && { seen }) });
  const pages = (nextCursor !== null || cursor !== null) && (
    <Pagination
      previousHref={cursor === null ? undefined : path}
      previousLabel="Newest"
      nextHref={nextCursor === null ? undefined : `${path}?cursor=${nextCursor}`}
    />
  );
  return (
    <div id="runs" {...(seen === null ? {} : pollAttributes(`${path}?${query.toString()}`))}>
      <Card title="Runs" flush footer={pages}>
        <RunsTable
          runs={runs}
          namesPipelines={false}
          nowMs={nowMs}
          empty={
            <EmptyState title="No runs yet" icon="play">
              {view.mayChange && pipeline.deployment.deletedAt === null
                ? "“Run now” starts a run at once, independent of the schedule."
                : "Runs appear here once the schedule or a contributor starts one."}
            </EmptyState>
          }
        />
      </Card>
    </div>
  );
}
