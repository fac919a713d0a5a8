import { type PredictionRecord, runOf } from "../../../inference/read/list-records.ts";
import type { StoredAnswer } from "../../../inference/records/records.ts";
import { StatusBadge } from "../../../ui/badge.tsx";
import { type BarItem, BarList } from "../../../ui/bar-list.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { formatDuration, formatNumber, plural } from "../../../lib/format.ts";
import { KeyValues } from "../../../ui/key-values.tsx";
import { Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import type { SeriesTone } from "../../../ui/tone.ts";
import { ComparisonCell } from "../answer-cells.tsx";
import { compare, featureText, valueText } from "../answer-words.ts";
import { deploymentPath, DeploymentShell, type DeploymentView } from "../../deployments/deployment-shell.tsx";
import type { DeploymentVersion, VersionModel } from "../../../deployments/queries.ts";

export interface RecordPageProps {
  view: DeploymentView;
  record: PredictionRecord;
  /** Which answered; null when it is gone. */
  version: DeploymentVersion | null;
}

/** One recorded prediction: what was asked, and what each model said. */
export function RecordPage({ view, record, version }: RecordPageProps) {
  const { challenger } = record;
  const path = `${deploymentPath(view.deployment)}/predictions`;
  const features = Object.entries(record.features);
  const run = runOf(record);
  return (
    <DeploymentShell view={view} section="predictions" below={record.predictionId}>
      <div class="cluster">
        <ButtonLink href={path} icon="chevron-left" size="small">
          All predictions
        </ButtonLink>
      </div>
      <Card title="Prediction">
        <KeyValues
          columns={2}
          items={[
            { label: "Id", value: <code>{record.predictionId}</code> },
            { label: "Time", value: <Timestamp atMs={record.at} precision="seconds" /> },
            { label: "Version", value: record.version },
            ...(run === null
              ? [
                  {
                    label: "Latency",
                    value: formatDuration(record.latencyMs),
                    hint: "From arrival at the host to the answer",
                  },
                  { label: "Source", value: "Online call" },
                ]
              : [{ label: "Source", value: <a href={`/runs/${run}`}>Batch run</a> }]),
            ...(challenger === null
              ? []
              : [
                  {
                    label: "Main and challenger",
                    value: <ComparisonCell comparison={compare(view.deployment.task, record)} />,
                  },
                ]),
          ]}
        />
      </Card>
      <div class="columns">
        <AnswerCard title="Main" model={version?.main} answer={record.main} tone="main" />
        {challenger?.state === "ok" && (
          <AnswerCard title="Challenger" model={version?.challenger} answer={challenger} tone="challenger" />
        )}
        {challenger && challenger.state !== "ok" && (
          <Card
            title="Challenger"
            description={version?.challenger?.name}
            actions={<StatusBadge status={challenger.state} />}
          >
            <p>{silence(challenger)}</p>
          </Card>
        )}
      </div>
      <Card title="Features" description={plural(features.length, "feature")} flush>
        <Table
          caption="Features of the row"
          rows={features}
          columns={[
            { key: "name", header: "Feature", primary: true, cell: ([name]) => name },
            {
              key: "value",
              header: "Value",
              align: "end",
              cell: ([, value]) => <span class={value === null ? "muted" : undefined}>{featureText(value)}</span>,
            },
          ]}
        />
      </Card>
    </DeploymentShell>
  );
}

function silence({ state, reason }: { state: "pending" | "error" | "skipped"; reason: string | null }): string {
  if (state === "pending") return "It has not answered this row yet. Reload the page in a few seconds.";
  return reason ?? (state === "error" ? "It failed on this row." : "It did not run on this row.");
}

/** Of many classes the likeliest are enough to see what the model thought. */
const CLASSES_SHOWN_MAX = 20;

function AnswerCard({
  title,
  model,
  answer,
  tone,
}: {
  title: string;
  model: VersionModel | null | undefined;
  answer: StoredAnswer;
  tone: SeriesTone;
}) {
  const bars = barsOf(answer);
  const extra = Object.entries(answer.extra ?? {});
  const hidden = bars.length - CLASSES_SHOWN_MAX;
  return (
    <Card title={title} description={model && `${model.name}, version ${model.version} of the experiment`}>
      <div class="stack">
        <p class="result-value">{valueText(answer.prediction)}</p>
        {bars.length > 0 && (
          <BarList label={`Probabilities, ${title}`} items={bars.slice(0, CLASSES_SHOWN_MAX)} tone={tone} />
        )}
        {hidden > 0 && (
          <p class="muted small">{plural(hidden, "less likely class", "less likely classes")} not shown</p>
        )}
        {extra.length > 0 && (
          <KeyValues items={extra.map(([name, value]) => ({ label: name, value: valueText(value) }))} />
        )}
      </div>
    </Card>
  );
}

function barsOf({ prediction, probabilities }: StoredAnswer): BarItem[] {
  return Object.entries(probabilities ?? {})
    .sort(([, one], [, other]) => (other ?? 0) - (one ?? 0))
    .map(([label, share]) => ({
      label,
      share: share ?? 0,
      text: share === null ? "not finite" : share > 0 && share < 0.001 ? formatNumber(share, 2) : undefined,
      emphasized: label === prediction,
    }));
}
