import type { Child } from "hono/jsx";
import { type PredictionRecord, type RecordQuery, runOf } from "../../../inference/read/list-records.ts";
import { Button, ButtonLink } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatDuration, plural } from "../../../lib/format.ts";
import { SelectField } from "../../../ui/forms.tsx";
import { Pagination } from "../../../ui/pagination.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import { Segmented } from "../../../ui/tabs.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { AnswerCell, ChallengerCell, ComparisonCell } from "../answer-cells.tsx";
import { compare } from "../answer-words.ts";
import { deploymentPath, DeploymentShell, type DeploymentView } from "../../deployments/deployment-shell.tsx";
import type { DeploymentVersion } from "../../../deployments/queries.ts";

type RecordFilter = Pick<RecordQuery, "version" | "disagree" | "source">;

export interface RecordsPageProps {
  view: DeploymentView;
  records: PredictionRecord[];
  filter: RecordFilter;
  versions: DeploymentVersion[];
  nextCursor: string | null;
  /** False behind a cursor. */
  isFirst: boolean;
  /** What stands before the records: the batch runs. */
  runs: Child;
  /** Whether there are any, so that records may be of them. */
  hasRuns: boolean;
}

/** What the deployment has answered, newest first. */
export function RecordsPage(props: RecordsPageProps) {
  const { view, records, filter, versions, nextCursor, isFirst, runs, hasRuns } = props;
  const path = `${deploymentPath(view.deployment)}/predictions`;
  const hasChallenger = versions.some(({ challenger }) => challenger !== null);
  const pages =
    nextCursor === null && isFirst ? undefined : (
      <Pagination
        previousHref={isFirst ? undefined : addressOf(path, filter)}
        previousLabel="Newest"
        summary={`${plural(records.length, "prediction")} on this page`}
        nextHref={nextCursor === null ? undefined : addressOf(path, filter, nextCursor)}
      />
    );
  return (
    <DeploymentShell view={view} section="predictions">
      {runs}
      <Filters path={path} filter={filter} versions={versions} hasChallenger={hasChallenger} hasRuns={hasRuns} />
      <Card flush title={hasRuns && "Recorded predictions"} footer={pages}>
        <Table
          caption="Recorded predictions, newest first"
          rows={records}
          columns={columnsOf(view, path, { hasChallenger, hasVersions: versions.length > 1, hasRuns })}
          empty={<NoRecords {...props} path={path} />}
        />
      </Card>
    </DeploymentShell>
  );
}

interface FiltersProps extends Pick<RecordsPageProps, "filter" | "versions" | "hasRuns"> {
  path: string;
  hasChallenger: boolean;
}

/** Which of the records are shown; nothing where there is nothing to choose. */
function Filters({ path, filter, versions, hasChallenger, hasRuns }: FiltersProps) {
  const option = (label: string, change: Partial<RecordFilter>) => ({
    label,
    href: addressOf(path, { ...filter, ...change }),
    current: Object.entries(change).every(([name, value]) => Reflect.get(filter, name) === value),
  });
  if (!hasChallenger && !hasRuns && versions.length < 2) return null;
  return (
    <div class="cluster">
      {hasChallenger && (
        <Segmented
          label="Which predictions"
          options={[option("All", { disagree: false }), option("Disagreements", { disagree: true })]}
        />
      )}
      {hasRuns && (
        <Segmented
          label="Source of the predictions"
          options={[
            option("Online and batch", { source: "all" }),
            option("Online", { source: "online" }),
            option("Batch", { source: "batch" }),
          ]}
        />
      )}
      {versions.length > 1 && <VersionFilter path={path} filter={filter} versions={versions} />}
    </div>
  );
}

interface Shown {
  hasChallenger: boolean;
  hasVersions: boolean;
  hasRuns: boolean;
}

function columnsOf(
  { deployment: { task } }: DeploymentView,
  path: string,
  { hasChallenger, hasVersions, hasRuns }: Shown,
): Column<PredictionRecord>[] {
  const id: Column<PredictionRecord> = {
    key: "id",
    header: "Prediction",
    primary: true,
    cell: ({ predictionId }) => (
      <a class="mono" href={`${path}/${predictionId}`}>
        {predictionId}
      </a>
    ),
  };
  return [
    id,
    { key: "at", header: "Time", nowrap: true, cell: ({ at }) => <Timestamp atMs={at} precision="seconds" /> },
    ...(hasVersions
      ? [
          {
            key: "version",
            header: "Version",
            align: "end" as const,
            cell: (record: PredictionRecord) => record.version,
          },
        ]
      : []),
    { key: "main", header: "Main", cell: ({ main }) => <AnswerCell answer={main} /> },
    ...(hasChallenger
      ? [
          {
            key: "challenger",
            header: "Challenger",
            cell: ({ challenger }: PredictionRecord) => <ChallengerCell challenger={challenger} />,
          },
          {
            key: "agree",
            header: task === "regression" ? "Difference" : "Agreement",
            align: task === "regression" ? ("end" as const) : ("start" as const),
            cell: (record: PredictionRecord) => <ComparisonCell comparison={compare(task, record)} />,
          },
        ]
      : []),
    ...(hasRuns
      ? [{ key: "source", header: "Source", cell: (record: PredictionRecord) => <Source record={record} /> }]
      : []),
    { key: "latency", header: "Latency", align: "end", cell: (record) => <Latency record={record} /> },
  ];
}

function Source({ record }: { record: PredictionRecord }) {
  const run = runOf(record);
  return run === null ? <>Online</> : <a href={`/runs/${run}`}>Batch run</a>;
}

/** Of a batch run there is no time of a single row. */
function Latency({ record }: { record: PredictionRecord }) {
  if (record.source === "batch") return <span class="muted">–</span>;
  return <>{formatDuration(record.latencyMs)}</>;
}

function VersionFilter({
  path,
  filter,
  versions,
}: {
  path: string;
  filter: RecordFilter;
  versions: DeploymentVersion[];
}) {
  return (
    <form class="cluster" method="get" action={path}>
      {filter.disagree && <input type="hidden" name="disagree" value="true" />}
      {filter.source !== "all" && <input type="hidden" name="source" value={filter.source} />}
      <SelectField
        name="version"
        label="Version"
        options={versions.map(({ number }) => ({ value: String(number), label: String(number) }))}
        value={filter.version === null ? undefined : String(filter.version)}
        placeholder="All versions"
        markOptional={false}
      />
      <Button type="submit">Show</Button>
    </form>
  );
}

function NoRecords({ view, filter, isFirst, path }: RecordsPageProps & { path: string }) {
  if (!isFirst || filter.disagree || filter.version !== null || filter.source !== "all") {
    return (
      <EmptyState
        title={filter.disagree ? "No recorded disagreements" : "No matching predictions"}
        icon="predictions"
        action={<ButtonLink href={path}>Show all predictions</ButtonLink>}
      >
        {filter.disagree && "Main and challenger agreed on every row that both answered."}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No predictions yet"
      icon="predictions"
      action={
        <ButtonLink href={view.links.form_url} variant="primary" icon="external">
          Open the form
        </ButtonLink>
      }
    >
      Every call is recorded with its features and the answers of both models. Make the first one with the form, or with
      the curl command of the General section.
    </EmptyState>
  );
}

function addressOf(path: string, filter: RecordFilter, cursor?: string): string {
  const query = new URLSearchParams();
  if (filter.version !== null) query.set("version", String(filter.version));
  if (filter.disagree) query.set("disagree", "true");
  if (filter.source !== "all") query.set("source", filter.source);
  if (cursor !== undefined) query.set("cursor", cursor);
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}
