import { deploymentPath } from "../../deployments/deployment-shell.tsx";
import { StatusBadge } from "../../../ui/badge.tsx";
import { ActionButton, ButtonLink } from "../../../ui/button.tsx";
import { type PerformanceView, verdictWords } from "./view.ts";

/** Whether the challenger is better, and with one click it is the main model. */
export function VerdictCard({ view }: { view: PerformanceView }) {
  const { report } = view;
  const { verdict, labelled } = report;
  if (!verdict) {
    return (
      <section class="card verdict" aria-label="Verdict">
        <p>Without a challenger, no verdict: the metrics are those of the main model.</p>
      </section>
    );
  }
  const { state, sentence, notes } = verdictWords(verdict, labelled);
  return (
    <section class="card verdict" aria-label="Verdict">
      <StatusBadge status={state} />
      <div class="stack">
        <div>
          <p>{sentence}</p>
          {notes.length > 0 && <p class="muted small">{notes.join(" ")}</p>}
        </div>
        <Promotion view={view} isBetter={state === "challenger_better"} />
      </div>
    </section>
  );
}

/** For who may change the deployment: at once where the labels say so, else only after a look. */
function Promotion({ view, isBetter }: { view: PerformanceView; isBetter: boolean }) {
  const { deployment, mayChange } = view;
  // A deployment that is being built has nothing to switch from.
  if (!mayChange || deployment.deployed === "building" || !deployment.current.challenger) return null;
  const path = `${deploymentPath(deployment)}/versions/promote`;
  return (
    <div class="cluster">
      {isBetter && (
        <ActionButton action={path} label="Promote the challenger" busyLabel="Switching" variant="primary" />
      )}
      <ButtonLink href={path}>Preview what a promotion would change</ButtonLink>
    </div>
  );
}
