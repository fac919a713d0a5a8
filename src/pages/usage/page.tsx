import { DeploymentShell, deploymentPath } from "../deployments/deployment-shell.tsx";
import { IncompleteNote } from "../monitoring/drift/page.tsx";
import { SpanPicker } from "../monitoring/span-card.tsx";
import { addressWith, choiceParams, presetOf } from "../monitoring/span-view.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { CallsCard, TakenCard } from "./charts-card.tsx";
import { TotalsCard } from "./totals-card.tsx";
import type { UsageView } from "./view.ts";

/** What callers asked of a deployment, how long they waited, and what the models took. */
export function UsagePage({ view }: { view: UsageView }) {
  const { main, challenger } = view.report.total;
  const isEmpty = main.calls + main.errors + (challenger?.rows ?? 0) + (challenger?.errors ?? 0) === 0;
  return (
    <DeploymentShell view={view} section="usage">
      <SpanPicker view={view} address={view.path} versions={view.versions} allVersions="All" kept={[]} />
      {!view.report.complete && <IncompleteNote />}
      {isEmpty ? (
        <NoCalls view={view} />
      ) : (
        <>
          <TotalsCard view={view} />
          <CallsCard view={view} />
          <TakenCard view={view} />
        </>
      )}
    </DeploymentShell>
  );
}

function NoCalls({ view }: { view: UsageView }) {
  const { path, chosen, deployment, links } = view;
  return (
    <Card>
      <EmptyState
        title="No calls in this time"
        icon="usage"
        action={
          <div class="cluster">
            {presetOf(chosen.choice) !== "30d" && (
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
        This page shows calls, errors, latency, and the time and memory that both models used.
        <a href={deploymentPath(deployment)}>General</a> explains how to call the deployment.
      </EmptyState>
    </Card>
  );
}
