import type { Child } from "hono/jsx";
import { formatCount } from "../../lib/format.ts";
import { type Column, Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { pipelinePath, runPath } from "../../pipelines/definitions/pipeline-paths.ts";
import { FileLinks } from "./file-links.tsx";
import type { Run } from "../../pipelines/runs/queries.ts";
import { RunStateBadge } from "./run-state.tsx";
import { durationText, isUnderWay, progressOf, TRIGGER_WORDS } from "../../pipelines/runs/run-words.ts";

export interface RunsTableProps {
  runs: Run[];
  /** True where runs are of several pipelines. */
  namesPipelines: boolean;
  nowMs: number;
  /** Stands instead when there is no run. */
  empty: Child;
}

/** Runs, newest first: how each stands, what it was started by, its rows, deliveries and files. */
export function RunsTable({ runs, namesPipelines, nowMs, empty }: RunsTableProps) {
  return <Table caption="Runs, newest first" rows={runs} columns={columnsOf(namesPipelines, nowMs)} empty={empty} />;
}

/** What a list of runs shows: another text once one of them has changed. Null when all have ended. */
export function progressOfAll(runs: readonly Run[]): string | null {
  const active = runs.filter(({ state }) => isUnderWay(state));
  return active.length === 0 ? null : active.map((run) => `${run.id.slice(-6)}${progressOf(run)}`).join("_");
}

function PipelineNote({ pipeline }: Pick<Run, "pipeline">) {
  if (pipeline.deletedAt !== null) return <span class="cell-note">of {pipeline.name}, which was deleted</span>;
  return (
    <span class="cell-note">
      of <a href={pipelinePath(pipeline)}>{pipeline.name}</a>
    </span>
  );
}

function columnsOf(namesPipelines: boolean, nowMs: number): Column<Run>[] {
  return [
    {
      key: "run",
      header: "Run",
      primary: true,
      cell: (run) => (
        <>
          <a href={runPath(run)}>
            <Timestamp atMs={run.startedAt ?? run.createdAt} precision="seconds" />
          </a>
          {namesPipelines && <PipelineNote pipeline={run.pipeline} />}
        </>
      ),
    },
    {
      key: "trigger",
      header: "Trigger",
      nowrap: true,
      cell: ({ trigger, slot }) => (
        <div>
          {TRIGGER_WORDS[trigger]}
          {slot !== null && (
            <span class="cell-note">
              slot <Timestamp atMs={slot} />
            </span>
          )}
        </div>
      ),
    },
    { key: "version", header: "Version", align: "end", cell: ({ version }) => version ?? none },
    { key: "state", header: "State", cell: ({ state }) => <RunStateBadge state={state} /> },
    { key: "rows", header: "Rows", align: "end", cell: (run) => <Rows run={run} /> },
    { key: "duration", header: "Duration", align: "end", cell: (run) => durationText(run, nowMs) ?? none },
    { key: "deliveries", header: "Deliveries", cell: ({ deliveries }) => <Deliveries deliveries={deliveries} /> },
    { key: "files", header: "Files", nowrap: true, cell: (run) => <FileLinks run={run} /> },
  ];
}

const none = <span class="muted">–</span>;

function Rows({ run: { state, rowsTotal, rowsDone, rowsFailed } }: { run: Run }) {
  if (rowsTotal === null && rowsDone === 0) return none;
  return (
    <div>
      {isUnderWay(state) && rowsTotal !== null
        ? `${formatCount(rowsDone)} / ${formatCount(rowsTotal)}`
        : formatCount(rowsDone)}
      {rowsFailed > 0 && <span class="cell-note">{formatCount(rowsFailed)} failed</span>}
    </div>
  );
}

function Deliveries({ deliveries }: Pick<Run, "deliveries">) {
  if (deliveries.length === 0) return none;
  const count = (state: Run["deliveries"][number]["state"]) =>
    deliveries.filter((delivery) => delivery.state === state).length;
  const failed = count("failed");
  return (
    <div>
      {count("succeeded")} of {deliveries.length}
      {failed > 0 && <span class="cell-note">{failed} failed</span>}
    </div>
  );
}
