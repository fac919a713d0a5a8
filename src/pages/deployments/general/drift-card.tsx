import { bucketsSentence, referenceWords } from "../../monitoring/drift/view.ts";
import { StatusBadge } from "../../../ui/badge.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { Chart } from "../../../ui/chart.tsx";
import { DistributionChart } from "../../../ui/distribution-chart.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { plural } from "../../../lib/format.ts";
import type { GeneralView } from "./view.ts";
import { DRIFT_ROWS_MIN } from "../../../monitoring/drift/thresholds.ts";

type Drift = NonNullable<GeneralView["drift"]>;

/** How far what is sent and what is predicted went from the training reference, in little: the Monitoring section has all of it. */
export function DriftCard({ drift, path }: { drift: GeneralView["drift"]; path: string }) {
  const rows = drift?.report.window.rows ?? 0;
  return (
    <Card
      title={drift && !drift.isWhole ? `Drift in the last ${drift.daysMax} days` : "Drift since it was deployed"}
      description={drift && rows >= DRIFT_ROWS_MIN ? measuredOn(drift) : undefined}
      actions={
        drift &&
        rows > 0 && (
          <ButtonLink href={`${path}/monitoring`} size="small" icon="monitoring">
            Monitoring
          </ButtonLink>
        )
      }
    >
      {drift === null ? (
        <EmptyState title="Temporarily unknown" icon="monitoring">
          The counts of the predictions could not be read. Reload the page in a moment.
        </EmptyState>
      ) : rows < DRIFT_ROWS_MIN ? (
        <TooFew rows={rows} path={path} />
      ) : (
        <Charts drift={drift} />
      )}
    </Card>
  );
}

function TooFew({ rows, path }: { rows: number; path: string }) {
  return (
    <EmptyState
      title={`Not enough data (${rows}/${DRIFT_ROWS_MIN})`}
      icon="monitoring"
      action={
        rows > 0 && (
          <ButtonLink href={`${path}/predictions`} icon="predictions">
            View the predictions
          </ButtonLink>
        )
      }
    >
      {rows === 0
        ? "No predictions have been recorded yet."
        : `${plural(rows, "prediction is", "predictions are")} recorded.`}{" "}
      Drift compares the features of a window of calls with the training reference, and is not judged on fewer than{" "}
      {DRIFT_ROWS_MIN} rows.
    </EmptyState>
  );
}

function Charts({ drift }: { drift: Drift }) {
  const { report, share, bucket, predictions } = drift;
  const drifting = report.features.filter(({ state }) => state === "drift").length;
  return (
    <div class="stack">
      <p class="cluster">
        <StatusBadge status={report.state} />
        <span>
          {drifting === 0 ? "None" : drifting} of {plural(report.features.length, "feature")}{" "}
          {drifting === 1 || drifting === 0 ? "drifts" : "drift"} over the whole time.{" "}
          {bucketsSentence(report.series, bucket)}
        </span>
        {!report.complete && <span class="muted">The newest rows of a host may be missing.</span>}
      </p>
      <div class="columns">
        <Chart
          id="drift-since-deployed"
          title={`Features that drift, by ${bucket}`}
          precision={bucket === "day" ? "date" : "minutes"}
          data={share}
          note={`An empty ${bucket} has fewer than ${DRIFT_ROWS_MIN} rows, or no drifting feature.`}
        />
        {predictions ? (
          <DistributionChart
            id="predicted-since-deployed"
            title="Predictions: reference and now"
            bins={predictions.bins}
            series={predictions.series}
            note={
              predictions.source === "holdout"
                ? "Reference: the main model's answers to the holdout rows."
                : "Reference: the main model's answers to its training rows."
            }
          />
        ) : (
          <p class="muted">The answers of the main model have no distribution to compare.</p>
        )}
      </div>
    </div>
  );
}

function measuredOn({ report: { window, reference } }: Drift): string {
  return reference.kind === "training"
    ? `${plural(window.rows, "row")} against the ${plural(reference.rows, "row")} that the main model was trained on.`
    : `${plural(window.rows, "row")} compared with ${referenceWords(reference)}.`;
}
