import type { AnswerDistribution } from "../../../inference/records/compare-answers.ts";
import type { PreviewExample, Preview } from "../../../inference/call/preview.ts";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatNumber, formatPercent, plural } from "../../../lib/format.ts";
import { Histogram } from "../../../ui/histogram.tsx";
import { Stat, StatGrid } from "../../../ui/stat.tsx";
import { Table } from "../../../ui/table.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { AnswerCell } from "../../records/answer-cells.tsx";
import { featureText } from "../../records/answer-words.ts";
import { deploymentPath } from "../deployment-shell.tsx";

/** Of the preview on its page, for links. */
export const PREVIEW_ID = "preview";

interface PreviewCardProps {
  preview: Preview;
  deployment: { slug: string };
  /** Name of the model that would answer. */
  candidate: string | undefined;
}

/** What a switch would change, before it is made: counts, distributions side by side, and the rows that change most. */
export function PreviewCard({ preview, deployment, candidate = "the candidate" }: PreviewCardProps) {
  const { n, changed, failed, notCompared, tolerance } = preview;
  const replayed = n + failed.count + notCompared;
  if (replayed === 0) {
    return (
      <Card title="What would change" id={PREVIEW_ID}>
        <EmptyState title="Nothing to compare with yet" icon="predictions">
          Once calls have been answered, the newest rows are replayed through {candidate} here.
        </EmptyState>
      </Card>
    );
  }
  return (
    <div class="stack">
      <Card
        title="What would change"
        description={`The newest ${plural(replayed, "recorded row")}, answered by ${candidate} and by the current version. Nothing was changed or recorded.`}
        id={PREVIEW_ID}
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
      {n > 0 && <DistributionCard preview={preview} candidate={candidate} />}
      {preview.examples.length > 0 && <ExamplesCard preview={preview} deployment={deployment} candidate={candidate} />}
    </div>
  );
}

function PreviewWarnings({ preview: { addedFeatures, failed, notCompared } }: { preview: Preview }) {
  return (
    <>
      {addedFeatures.length > 0 && (
        <Callout level="warning" title="It needs features that callers do not send yet">
          {addedFeatures.join(", ")}. The recorded rows lack them, so they were replayed as missing.
        </Callout>
      )}
      {notCompared > 0 && (
        <Callout level="info" title={`Not compared: ${plural(notCompared, "row")}`}>
          An earlier version answered them. The current version cannot.
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

/** Names of labels stand under the bars up to so many; beyond, the table alone names them. */
const NAMED_MAX = 8;

function DistributionCard({ preview: { distribution }, candidate }: { preview: Preview; candidate: string }) {
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
        label={`Answers of the current version and of ${candidate}`}
        size="large"
        legend
        bins={labels}
        named={distribution.kind === "categorical" && labels.length <= NAMED_MAX}
        ends={ends}
        series={[
          { label: "Current", tone: "main", counts: distribution.current },
          { label: candidate, tone: "challenger", counts: distribution.candidate },
        ]}
      />
      {distribution.kind === "categorical" && <LabelTable distribution={distribution} />}
    </Card>
  );
}

function LabelTable({ distribution }: { distribution: Extract<AnswerDistribution, { kind: "categorical" }> }) {
  const rows = distribution.labels.map((label, index) => ({
    label,
    current: distribution.current[index] ?? 0,
    candidate: distribution.candidate[index] ?? 0,
  }));
  return (
    <Table
      caption="Answers by label"
      narrow="scroll"
      rows={rows}
      columns={[
        { key: "label", header: "Label", primary: true, cell: ({ label }) => label },
        { key: "current", header: "Current", align: "end", cell: ({ current }) => formatNumber(current) },
        { key: "candidate", header: "Candidate", align: "end", cell: ({ candidate }) => formatNumber(candidate) },
        {
          key: "change",
          header: "Change",
          align: "end",
          cell: ({ current, candidate }) => signed(candidate - current),
        },
      ]}
    />
  );
}

function signed(change: number): string {
  if (change === 0) return "0";
  return `${change > 0 ? "+" : "−"}${formatNumber(Math.abs(change))}`;
}

function binLabels(edges: readonly number[]): string[] {
  return edges.slice(1).map((edge, index) => `${formatNumber(edges[index] ?? 0, 4)} – ${formatNumber(edge, 4)}`);
}

/** Of a row with many features the first ones tell it apart; its page shows all. */
const FEATURES_SHOWN = 6;

function ExamplesCard({ preview, deployment, candidate }: Required<PreviewCardProps> & { candidate: string }) {
  const { examples, tolerance } = preview;
  return (
    <Card
      title="The rows that change most"
      description={
        tolerance === null
          ? "The difference of the probabilities, from 0 (equal) to 1 (certain of different labels)."
          : "The difference is in units of the target."
      }
      flush
    >
      <Table
        caption="Rows with a different answer, largest change first"
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
          { key: "current", header: "Current", cell: ({ current }) => <AnswerCell answer={current} /> },
          { key: "candidate", header: candidate, cell: (example) => <AnswerCell answer={example.candidate} /> },
          { key: "difference", header: "Difference", align: "end", cell: ({ distance }) => formatNumber(distance, 3) },
        ]}
      />
    </Card>
  );
}

function featuresText({ features }: PreviewExample["record"]): string {
  const entries = Object.entries(features);
  const shown = entries.slice(0, FEATURES_SHOWN).map(([name, value]) => `${name}\u00a0${featureText(value)}`);
  return shown.join(", ") + (entries.length > FEATURES_SHOWN ? ", …" : "");
}
