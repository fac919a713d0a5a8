import type { PreviewExample, Preview } from "../inference/preview.ts";
import { Callout } from "../ui/callout.tsx";
import { Card } from "../ui/card.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { formatNumber, formatPercent } from "../ui/format.ts";
import { Histogram } from "../ui/histogram.tsx";
import { Stat, StatGrid } from "../ui/stat.tsx";
import { Table } from "../ui/table.tsx";
import { Timestamp } from "../ui/time.tsx";
import { AnswerCell } from "./answer-cells.tsx";
import { featureText } from "./answer-words.ts";
import { deploymentPath } from "./deployment-shell.tsx";

/** What a switch would change, before it is made: counts, distributions side by side, and the rows that change most. */
export function PreviewCard({ preview, deployment }: { preview: Preview; deployment: { slug: string } }) {
  const { n, changed, failed, tolerance } = preview;
  if (n === 0 && failed.count === 0) {
    return (
      <Card title="What would change">
        <EmptyState title="Nothing to compare with yet" icon="predictions">
          Once calls have been answered, the newest of them are replayed through the candidate here.
        </EmptyState>
      </Card>
    );
  }
  return (
    <div class="stack">
      <Card
        title="What would change"
        description={`The newest ${formatNumber(n + failed.count)} recorded rows, replayed through the candidate's main model. Nothing was changed or recorded.`}
      >
        <StatGrid>
          <Stat
            label="Answers that would change"
            value={n === 0 ? "–" : formatPercent(changed / n)}
            hint={`${formatNumber(changed)} of ${formatNumber(n)}`}
            tone={changed > 0 ? "warning" : "ok"}
          />
          <Stat
            label="Rows it cannot answer"
            value={formatNumber(failed.count)}
            tone={failed.count > 0 ? "bad" : undefined}
          />
          {tolerance !== null && (
            <Stat
              label="Counts as the same"
              value={`± ${formatNumber(tolerance, 3)}`}
              hint="0.05 of the target's standard deviation"
            />
          )}
        </StatGrid>
        <PreviewWarnings preview={preview} />
      </Card>
      {n > 0 && <DistributionCard preview={preview} />}
      {preview.examples.length > 0 && <ExamplesCard preview={preview} deployment={deployment} />}
    </div>
  );
}

function PreviewWarnings({ preview: { addedFeatures, failed } }: { preview: Preview }) {
  return (
    <>
      {addedFeatures.length > 0 && (
        <Callout level="warning" title="It needs features that callers do not send yet">
          {addedFeatures.join(", ")}. The recorded rows lack them, so they were replayed as missing.
        </Callout>
      )}
      {failed.messages.length > 0 && (
        <Callout level="error" title="Some rows it could not answer">
          <ul>
            {failed.messages.map((message) => (
              <li>{message}</li>
            ))}
          </ul>
        </Callout>
      )}
    </>
  );
}

function DistributionCard({ preview: { distribution } }: { preview: Preview }) {
  const { edges, labels } =
    distribution.kind === "numeric"
      ? { edges: distribution.edges, labels: binLabels(distribution.edges) }
      : { edges: null, labels: distribution.labels };
  const ends =
    edges === null
      ? undefined
      : ([formatNumber(edges[0] ?? 0, 4), formatNumber(edges.at(-1) ?? 0, 4)] satisfies [string, string]);
  return (
    <Card title="How the answers move">
      <Histogram
        label="Answers of the current model and of the candidate"
        size="large"
        legend
        bins={labels}
        ends={ends}
        series={[
          { label: "Current", tone: "main", counts: distribution.current },
          { label: "Candidate", tone: "challenger", counts: distribution.candidate },
        ]}
      />
      {distribution.kind === "categorical" && (
        <Table
          caption="Answers by label"
          rows={distribution.labels.map((label, index) => ({ label, index }))}
          columns={[
            { key: "label", header: "Label", primary: true, cell: ({ label }) => label },
            { key: "current", header: "Current", cell: ({ index }) => formatNumber(distribution.current[index] ?? 0) },
            {
              key: "candidate",
              header: "Candidate",
              cell: ({ index }) => formatNumber(distribution.candidate[index] ?? 0),
            },
          ]}
        />
      )}
    </Card>
  );
}

function binLabels(edges: readonly number[]): string[] {
  return edges.slice(1).map((edge, index) => `${formatNumber(edges[index] ?? 0, 4)} – ${formatNumber(edge, 4)}`);
}

/** Of a row with many features the first ones tell it apart; its page shows all. */
const FEATURES_SHOWN = 6;

function ExamplesCard({ preview: { examples }, deployment }: { preview: Preview; deployment: { slug: string } }) {
  return (
    <Card title="The rows that change most" flush>
      <Table
        caption="Rows with another answer, those that change most first"
        rows={examples}
        columns={[
          {
            key: "at",
            header: "Answered",
            primary: true,
            nowrap: true,
            cell: ({ record }) => (
              <a href={`${deploymentPath(deployment)}/predictions/${record.predictionId}`}>
                <Timestamp atMs={record.at} />
              </a>
            ),
          },
          { key: "features", header: "Row", cell: ({ record }) => featuresText(record) },
          { key: "current", header: "Recorded", cell: ({ record }) => <AnswerCell answer={record.main} /> },
          { key: "candidate", header: "Candidate", cell: ({ candidate }) => <AnswerCell answer={candidate} /> },
          { key: "difference", header: "Difference", cell: ({ distance }) => formatNumber(distance, 3) },
        ]}
      />
    </Card>
  );
}

function featuresText({ features }: PreviewExample["record"]): string {
  const entries = Object.entries(features);
  const shown = entries.slice(0, FEATURES_SHOWN).map(([name, value]) => `${name} ${featureText(value)}`);
  return shown.join(", ") + (entries.length > FEATURES_SHOWN ? ", …" : "");
}
