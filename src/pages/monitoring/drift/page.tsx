import { DeploymentShell } from "../../deployments/deployment-shell.tsx";
import { StatusBadge } from "../../../ui/badge.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { DriftNowCard } from "./now-card.tsx";
import { DriftTimeCard } from "./time-card.tsx";
import { bucketsSentence, summarySentence } from "./view.ts";
import { FeatureCard } from "./feature-card.tsx";
import { driftParams, type DriftView } from "../view.ts";
import { PredictionsCard } from "./predictions-card.tsx";
import { RowsCard } from "../rows-card.tsx";
import { SpanCard } from "../span-card.tsx";
import { addressWith, choiceParams, presetOf } from "../span-view.ts";
import { DRIFT_ROWS_MIN } from "../../../monitoring/drift/thresholds.ts";

/** Whether what callers send, and what the models answer, still is what they were trained on. */
export function DriftPage({ view }: { view: DriftView }) {
  const { chosen, asked } = view;
  const methods = driftParams(view).filter(([name]) => name === "methods");
  return (
    <DeploymentShell view={view} section="monitoring">
      <SpanCard
        view={view}
        page="drift"
        kept={[...methods, ...asked.map((name): [string, string] => ["feature", name])]}
      />
      {!view.report.complete && <IncompleteNote />}
      {view.report.window.rows === 0 ? (
        <NoRows view={view} chosenAll={presetOf(chosen.choice) === "30d"} />
      ) : (
        <>
          <Summary view={view} />
          <DriftNowCard view={view} />
          <DriftTimeCard view={view} />
          <FeatureCard view={view} />
          <PredictionsCard view={view} />
          <RowsCard view={view} />
        </>
      )}
    </DeploymentShell>
  );
}

/** Stands on a page that lacks the newest counts of a host. */
export function IncompleteNote() {
  return (
    <Callout level="warning" title="The newest rows may be missing">
      A host did not say what it has counted since it last wrote to the store. Load the page again in a moment.
    </Callout>
  );
}

function Summary({ view: { report, chosen } }: { view: DriftView }) {
  const { state, window } = report;
  const isShort = state === "not_enough_data" && window.rows < DRIFT_ROWS_MIN;
  const alone = bucketsSentence(report.series, chosen.span.bucket);
  return (
    <section class="card verdict" aria-label="Summary">
      <StatusBadge status={state} detail={isShort ? `(${window.rows}/${DRIFT_ROWS_MIN})` : undefined} />
      <div>
        <p>{summarySentence(report)}</p>
        {alone !== null && <p class="muted small">{alone}</p>}
      </div>
    </section>
  );
}

function NoRows({ view, chosenAll }: { view: DriftView; chosenAll: boolean }) {
  const { path, chosen, links, monitored } = view;
  return (
    <Card>
      <EmptyState
        title="No rows in this time"
        icon="monitoring"
        action={
          <div class="cluster">
            {!chosenAll && (
              <ButtonLink href={addressWith(path, choiceParams({ ...chosen.choice, span: "30d" }))}>
                Show 30 days
              </ButtonLink>
            )}
            <ButtonLink href={links.form_url} variant="primary" icon="external">
              Open the form
            </ButtonLink>
          </div>
        }
      >
        Every answered row is counted here within seconds and compared with the{" "}
        {monitored.reference.rows.toLocaleString("en-US")} rows that the main model was trained on. Drift is judged from{" "}
        {DRIFT_ROWS_MIN} rows on.
      </EmptyState>
    </Card>
  );
}
