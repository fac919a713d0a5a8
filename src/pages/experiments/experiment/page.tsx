import { Badge } from "../../../ui/badge.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatCount } from "../../../lib/format.ts";
import { AppShell } from "../../../ui/layout.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { ModelTable } from "../model-table.tsx";
import { MODEL_LINES_MAX, type ModelLine, type VersionLine } from "../../../experiments/page-queries.ts";
import { crumbsTo, deployHref, type ProjectView, versionHref } from "../view.ts";
import type { ExperimentRow } from "../../../experiments/queries.ts";
import { TASK_WORDS } from "../task-words.ts";

export interface ExperimentPageProps {
  view: ProjectView;
  experiment: ExperimentRow;
  versions: VersionLine[];
  models: ModelLine[];
  creator: string | null;
  mayDelete: boolean;
}

/** One experiment: its models compared, and its versions. */
export function ExperimentPage({ view, experiment, versions, models, creator, mayDelete }: ExperimentPageProps) {
  const { id, name, task, target } = experiment;
  const [newest] = versions;
  const addVersion = view.mayChange && (
    <ButtonLink href={`/experiments/${id}/versions/new`} icon="plus" variant={newest ? "secondary" : "primary"}>
      Add version
    </ButtonLink>
  );
  const deploy = view.mayChange && models.some((model) => model.state === "succeeded") && (
    <ButtonLink href={deployHref(view.project, id)} icon="deployments" variant="primary">
      Deploy
    </ButtonLink>
  );
  return (
    <AppShell title={name} frame={view.frame} section="experiments" breadcrumb={crumbsTo(view, experiment)}>
      <PageHeader
        title={name}
        badges={<Badge>{TASK_WORDS[task].label}</Badge>}
        description={
          <>
            {target === null ? "No target and no metrics" : <>Target {target}</>} · created{" "}
            <Timestamp atMs={experiment.createdAt} precision="date" />
            {creator !== null && ` by ${creator}`}
          </>
        }
        actions={
          <>
            {mayDelete && (
              <ButtonLink href={`/experiments/${id}/delete`} variant="danger" icon="trash">
                Delete
              </ButtonLink>
            )}
            {newest && addVersion}
            {deploy}
          </>
        }
      />
      {experiment.description !== "" && <p class="measure">{experiment.description}</p>}
      {newest ? (
        <>
          <ModelsCard {...{ view, experiment, models, newest }} />
          <Card title="Versions" flush>
            <VersionTable experimentId={id} versions={versions} />
          </Card>
        </>
      ) : (
        <Card>
          <EmptyState title="No training data yet" icon="versions" action={addVersion}>
            A version is the data that models were trained on. Drift is measured against it, and models are tried on it.
          </EmptyState>
        </Card>
      )}
    </AppShell>
  );
}

type ModelsCardProps = Pick<ExperimentPageProps, "view" | "experiment" | "models"> & { newest: VersionLine };

function ModelsCard({ view, experiment: { id, task }, models, newest }: ModelsCardProps) {
  const upload = view.mayChange && (
    <ButtonLink href={`${versionHref(id, newest.number)}/models/new`} icon="upload" size="small">
      Upload model
    </ButtonLink>
  );
  const isCut = models.length === MODEL_LINES_MAX;
  const description = isCut
    ? `The ${MODEL_LINES_MAX} newest. The pages of the versions list all of them.`
    : models.some(({ metrics }) => metrics) && "The best of the models measured on the same rows is highlighted.";
  return (
    <Card title="Models" description={description} actions={models.length > 0 && upload} flush>
      <ModelTable
        task={task}
        lines={models}
        showVersion
        empty={
          <EmptyState title="No models yet" icon="upload" action={upload}>
            Upload an ONNX file as the exporter wrote it. Tiltyard checks it, tries it on the data, and reports what it
            found.
          </EmptyState>
        }
      />
    </Card>
  );
}

function VersionTable({ experimentId, versions }: { experimentId: string; versions: VersionLine[] }) {
  return (
    <Table
      caption="Versions"
      rows={versions}
      columns={[
        {
          key: "number",
          header: "Version",
          primary: true,
          cell: ({ number }) => <a href={versionHref(experimentId, number)}>Version {number}</a>,
        },
        { key: "rows", header: "Training rows", align: "end", cell: ({ rows }) => formatCount(rows) },
        {
          key: "holdout",
          header: "Holdout rows",
          align: "end",
          cell: ({ holdoutRows }) =>
            holdoutRows === null ? <span class="muted">none</span> : formatCount(holdoutRows),
        },
        { key: "features", header: "Features", align: "end", cell: ({ featureCount }) => formatCount(featureCount) },
        { key: "models", header: "Models", align: "end", cell: ({ modelCount }) => formatCount(modelCount) },
        {
          key: "created",
          header: "Created",
          cell: ({ createdAt }) => <Timestamp atMs={createdAt} />,
        },
      ]}
    />
  );
}
