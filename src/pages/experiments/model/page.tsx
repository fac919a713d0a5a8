import { ButtonLink } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { ConfirmDialog, ConfirmLink } from "../../../ui/confirm.tsx";
import { formatBytes, formatDuration } from "../../../lib/format.ts";
import { KeyValues } from "../../../ui/key-values.tsx";
import { AppShell } from "../../../ui/layout.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { ReportList, reportSummary } from "../../../ui/report-list.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { ConfusionCard } from "./confusion-card.tsx";
import { WHAT_DELETION_TAKES } from "./delete-page.tsx";
import { MetricsCard } from "./metrics-card.tsx";
import { InputsCard, OutputsCard } from "./signature.tsx";
import { ModelState } from "../model-table.tsx";
import { crumbsTo, deployHref, type ProjectView, versionHref } from "../view.ts";
import type { ExperimentRow, ModelRow, VersionRow } from "../../../experiments/queries.ts";

export interface ModelBodyProps {
  view: ProjectView;
  model: ModelRow;
  version: VersionRow;
  experiment: ExperimentRow;
  creator: string | null;
}

/** One model: how its trial went, how good it is, and how it is fed. */
export function ModelPage({ mayDelete, ...body }: ModelBodyProps & { mayDelete: boolean }) {
  const { view, model, version, experiment } = body;
  const crumbs = [...crumbsTo(view, experiment, version.number), { label: model.name, href: `/models/${model.id}` }];
  return (
    <AppShell title={model.name} frame={view.frame} section="experiments" breadcrumb={crumbs}>
      <ModelBody {...body} />
      {mayDelete && <DeleteCard model={model} />}
    </AppShell>
  );
}

/** The part of the page that the end of the trial changes: until then it asks for itself once a second. */
export function ModelBody(props: ModelBodyProps) {
  const { model } = props;
  const isTried = model.state === "pending" || model.state === "running";
  const poll = isTried
    ? { "hx-get": `/models/${model.id}?seen=${model.state}`, "hx-trigger": "every 1s", "hx-swap": "outerHTML" }
    : {};
  return (
    <div class="page-part" id="model" {...poll}>
      <Header {...props} />
      {isTried && <Trying modelId={model.id} />}
      {model.state === "failed" && (
        <Callout level="error" title="The model cannot be deployed">
          {model.errorMessage}
        </Callout>
      )}
      {model.metrics && <MetricsCard task={model.plan.task} metrics={model.metrics} stated={model.statedMetrics} />}
      {model.metrics?.confusion && <ConfusionCard confusion={model.metrics.confusion} />}
      <Card title="Report" description={reportSummary(model.report)}>
        <ReportList items={model.report} />
      </Card>
      <InputsCard plan={model.plan} />
      <OutputsCard model={model} />
      <FileCard model={model} />
    </div>
  );
}

function Header({ view, model, version, experiment, creator }: ModelBodyProps) {
  return (
    <PageHeader
      title={model.name}
      badges={<ModelState state={model.state} />}
      description={
        <>
          For <a href={versionHref(experiment.id, version.number)}>version {version.number}</a> of {experiment.name} ·
          uploaded <Timestamp atMs={model.createdAt} />
          {creator !== null && ` by ${creator}`}
        </>
      }
      actions={
        <>
          <ButtonLink href={`/api/v1/models/${model.id}/file`} icon="download" attributes={{ download: true }}>
            Download the file as uploaded
          </ButtonLink>
          {view.mayChange && model.state === "succeeded" && (
            <ButtonLink href={deployHref(view.project, experiment.id)} icon="deployments" variant="primary">
              Deploy
            </ButtonLink>
          )}
        </>
      }
    />
  );
}

function Trying({ modelId }: { modelId: string }) {
  return (
    <Callout title="The model is in its trial" live>
      The trial loads the model and predicts the data of its version. This takes a few seconds. This page updates
      itself.
      <noscript>
        {" "}
        Without JavaScript, <a href={`/models/${modelId}`}>reload the page</a>.
      </noscript>
    </Callout>
  );
}

function FileCard({ model }: { model: ModelRow }) {
  const isRepaired = model.servingSha256 !== model.sha256;
  return (
    <Card title="File">
      <KeyValues
        columns={2}
        items={[
          { label: "Size", value: formatBytes(model.bytes), hint: "As uploaded, with external data" },
          {
            label: "Size as served",
            value: formatBytes(model.servingBytes),
            hint: isRepaired ? "After the repairs that the report names" : "The same file",
          },
          {
            label: "Memory",
            value: model.heapBytes === null ? null : formatBytes(model.heapBytes),
            hint: "WASM memory that the model used in its trial",
          },
          {
            label: "Load time",
            value: model.loadMs === null ? null : formatDuration(model.loadMs),
            hint: "During the trial. On Cloudflare, clocks stand still while a model loads and may show 0",
          },
          { label: "SHA-256", value: <code>{model.sha256}</code>, hint: "Of the file as uploaded" },
        ]}
      />
    </Card>
  );
}

function DeleteCard({ model }: { model: ModelRow }) {
  const href = `/models/${model.id}/delete`;
  return (
    <Card
      title="Delete model"
      tone="danger"
      actions={
        <ConfirmLink dialog="delete-model" href={href}>
          Delete model
        </ConfirmLink>
      }
    >
      <p class="muted">A model that a deployment uses, in any of its versions, cannot be deleted.</p>
      <ConfirmDialog
        id="delete-model"
        title="Delete model"
        action={href}
        name={model.name}
        verb="Delete model"
        cancelHref={`/models/${model.id}`}
      >
        {WHAT_DELETION_TAKES}
      </ConfirmDialog>
    </Card>
  );
}
