import { deploymentPath } from "../deployments/deployment-shell.tsx";
import { pollAttributes } from "../../ui/poll.ts";
import { ProjectShell } from "../project-shell.tsx";
import { ActionButton } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount } from "../../lib/format.ts";
import { type KeyValue, KeyValues } from "../../ui/key-values.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { pipelinePath, pipelinesPath, runPath } from "../../pipelines/definitions/pipeline-paths.ts";
import { DeliveriesCard } from "./deliveries-card.tsx";
import { FilesTable } from "./file-links.tsx";
import { RunProgressCard } from "./progress-card.tsx";
import { RunStateBadge } from "./run-state.tsx";
import type { RunView } from "./view.ts";
import {
  durationText,
  isRetryable,
  isUnderWay,
  onlyDeliveriesFailed,
  progressOf,
  rowsText,
  TRIGGER_WORDS,
} from "../../pipelines/runs/run-words.ts";

const WARNINGS_SHOWN = 20;

interface RunPageProps {
  view: RunView;
  /** Why the run was not cancelled or retried. */
  refusal?: string | undefined;
}

/** One run: how far it is, what it delivered, and its files. */
export function RunPage(props: RunPageProps) {
  const { project, run } = props.view;
  const { pipeline } = run;
  const crumbs = [
    { label: "Pipelines", href: pipelinesPath(project) },
    { label: pipeline.name, href: pipeline.deletedAt === null ? pipelinePath(pipeline) : undefined },
    { label: "Run" },
  ];
  return (
    <ProjectShell view={props.view} title={`Run of ${pipeline.name}`} section="pipelines" crumbs={crumbs}>
      <RunPart {...props} />
    </ProjectShell>
  );
}

/** All of the page that changes while the run goes on. Until it has ended, it asks for itself again. */
export function RunPart({ view, refusal }: RunPageProps) {
  const { run, nowMs } = view;
  const isActive = isUnderWay(run.state);
  const address = `${runPath(run)}?seen=${encodeURIComponent(progressOf(run))}`;
  return (
    <div id="run" class="page-part" {...(isActive ? pollAttributes(address) : {})}>
      <PageHeader
        title={`Run of ${run.pipeline.name}`}
        badges={<RunStateBadge state={run.state} />}
        actions={<Actions view={view} />}
      />
      {refusal !== undefined && (
        <Callout level="error" title="Nothing was changed" live>
          {refusal}
        </Callout>
      )}
      <Ending view={view} />
      <Warnings run={run} />
      {isActive && (
        <noscript>
          <p class="muted">
            The run is in progress. <a href={runPath(run)}>Reload the page</a> to see how far it is.
          </p>
        </noscript>
      )}
      {isActive && <RunProgressCard run={run} nowMs={nowMs} />}
      <Card title="Run">
        <KeyValues columns={2} items={factsOf(view)} />
      </Card>
      {run.deliveries.length > 0 && <DeliveriesCard deliveries={run.deliveries} nowMs={nowMs} />}
      <FilesCard view={view} />
    </div>
  );
}

function Actions({ view: { run, mayChange } }: { view: RunView }) {
  if (!mayChange) return null;
  const path = runPath(run);
  return (
    <>
      {isUnderWay(run.state) && (
        <ActionButton action={`${path}/cancel`} label="Cancel run" busyLabel="Cancelling …" icon="x" />
      )}
      {isRetryable(run) && (
        <ActionButton
          action={`${path}/retry`}
          label={onlyDeliveriesFailed(run) ? "Deliver again" : "Retry"}
          variant="primary"
          icon="play"
        />
      )}
    </>
  );
}

/** Why a run did not succeed, and what can be done. */
function Ending({ view: { run, mayChange } }: { view: RunView }) {
  const { state, errorMessage, errorCode } = run;
  const next = mayChange && isRetryable(run) ? <p>{retryText(run)}</p> : null;
  if (state === "failed")
    return (
      <Callout level="error" title={errorMessage ?? errorCode ?? "The run failed."}>
        {next}
      </Callout>
    );
  if (state === "cancelled")
    return (
      <Callout level="warning" title="The run was cancelled. Data that was already delivered stays.">
        {next}
      </Callout>
    );
  if (state === "skipped")
    return (
      <Callout title="This slot was skipped">
        The slot passed before the run could start, or another run of the pipeline took until the next slot. Of several
        such slots, only the newest runs.
      </Callout>
    );
  return null;
}

/** What was noticed of the source. */
function Warnings({ run: { warnings } }: Pick<RunView, "run">) {
  if (warnings.length === 0) return null;
  const shown = warnings.slice(0, WARNINGS_SHOWN);
  return (
    <Callout level="warning" title="Check the source">
      <ul class="callout-list">
        {shown.map(({ message }) => (
          <li>{message}</li>
        ))}
        {warnings.length > shown.length && <li>And {formatCount(warnings.length - shown.length)} more.</li>}
      </ul>
    </Callout>
  );
}

function retryText(run: RunView["run"]): string {
  if (onlyDeliveriesFailed(run))
    return "“Deliver again” sends the kept files to the destinations that the pipeline has now and that have not received them.";
  return "“Retry” continues where the run stopped. Finished predictions and deliveries are not repeated.";
}

function factsOf({ run, nowMs }: RunView): KeyValue[] {
  const { pipeline, deployment, trigger, slot, version, attempt, startedAt, finishedAt, createdAt } = run;
  const isDeleted = pipeline.deletedAt !== null;
  return [
    {
      label: "Pipeline",
      value: isDeleted ? pipeline.name : <a href={pipelinePath(pipeline)}>{pipeline.name}</a>,
      hint: isDeleted && "Deleted",
    },
    { label: "Deployment", value: <a href={deploymentPath(deployment)}>{deployment.name}</a> },
    { label: "Version", value: version, hint: version !== null && "Current when it began" },
    {
      label: "Trigger",
      value: TRIGGER_WORDS[trigger],
      hint: slot !== null && (
        <>
          For the slot <Timestamp atMs={slot} />
        </>
      ),
    },
    { label: "Rows", value: run.state === "succeeded" ? formatCount(run.rowsDone) : rowsText(run) },
    { label: "Failed rows", value: formatCount(run.rowsFailed) },
    { label: "Queued", value: <Timestamp atMs={createdAt} precision="seconds" /> },
    { label: "Started", value: startedAt !== null && <Timestamp atMs={startedAt} precision="seconds" /> },
    { label: "Finished", value: finishedAt !== null && <Timestamp atMs={finishedAt} precision="seconds" /> },
    { label: "Duration", value: durationText(run, nowMs) },
    { label: "Attempt", value: attempt, hint: attempt > 1 && "Each retry is one more" },
    { label: "Id", value: <code>{run.id}</code> },
  ].map(({ value, hint, ...fact }) => ({ ...fact, value: value === false ? null : value, hint: hint || undefined }));
}

function FilesCard({ view: { run } }: { view: RunView }) {
  const description =
    "In the order of the source. CSV files are made safe for spreadsheets when you download them here.";
  if (run.files)
    return (
      <Card title="Files" description={description} flush>
        <FilesTable run={run} />
      </Card>
    );
  if (run.state === "skipped") return null;
  return (
    <Card title="Files">
      <p class="muted">
        {isUnderWay(run.state)
          ? "They appear once all rows are predicted: the answers of main and challenger, and the rows that failed."
          : "The run ended before its files were written."}
      </p>
    </Card>
  );
}
