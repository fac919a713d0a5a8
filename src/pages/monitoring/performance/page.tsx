import { DeploymentShell } from "../../deployments/deployment-shell.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { plural } from "../../../lib/format.ts";
import { ActualsCard } from "./actuals-card.tsx";
import { CalibrationCards } from "./calibration-card.tsx";
import { EstimateCard } from "./estimate-card.tsx";
import { MetricsCard } from "./metrics-card.tsx";
import { MetricTimeCard } from "./time-card.tsx";
import { VerdictCard } from "./verdict-card.tsx";
import type { PerformanceView } from "./view.ts";
import { SpanCard } from "../span-card.tsx";
import { addressWith, choiceParams, presetOf } from "../span-view.ts";

/** Which model is better, by what came true; and what is to be expected while nobody knows that yet. */
export function PerformancePage({ view }: { view: PerformanceView }) {
  const { report, metric } = view;
  const hasLabels = report.labelled > 0;
  return (
    <DeploymentShell view={view} section="monitoring">
      <SpanCard view={view} page="performance" kept={metric === null ? [] : [["metric", metric]]} />
      {!report.complete && (
        <Callout level="info" title="Older labels are not in these numbers">
          The newest {plural(report.labelled, "labelled row")} of this time are included. Older ones are left out.
          Choose a shorter time to include all.
        </Callout>
      )}
      {hasLabels ? (
        <>
          <VerdictCard view={view} />
          <MetricsCard view={view} />
          <MetricTimeCard view={view} />
          <CalibrationCards view={view} />
          <EstimateCard view={view} />
          <ActualsCard view={view} />
        </>
      ) : (
        <>
          <NoLabels view={view} />
          <ActualsCard view={view} />
          <EstimateCard view={view} />
        </>
      )}
    </DeploymentShell>
  );
}

function NoLabels({ view }: { view: PerformanceView }) {
  const { chosen, path, monitored } = view;
  const isLongest = presetOf(chosen.choice) === "30d";
  return (
    <Card>
      <EmptyState
        title="Not known yet: no actuals in this time"
        icon="monitoring"
        action={
          !isLongest && (
            <ButtonLink href={addressWith(`${path}/performance`, choiceParams({ ...chosen.choice, span: "30d" }))}>
              Show 30 days
            </ButtonLink>
          )
        }
      >
        {whatIsThere(view)} Send what came true once you know it, and this page says how good{" "}
        {monitored.challenger ? "both models are, and which is better" : "the model is"}.
      </EmptyState>
    </Card>
  );
}

/** Only rows of versions that pair these two models count, in either role. */
function whatIsThere({ report, monitored: { main, challenger } }: PerformanceView): string {
  const { rows } = report.estimated;
  const models = challenger
    ? `${main.name} with ${challenger.name} as challenger`
    : `${main.name} without a challenger`;
  if (rows === 0) return `No row was predicted by ${models}.`;
  return `${plural(rows, "row was", "rows were")} predicted by ${models}, without actuals.`;
}
