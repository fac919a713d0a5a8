import type { Child } from "hono/jsx";
import { StatusBadge } from "../../../ui/badge.tsx";
import { Card } from "../../../ui/card.tsx";
import { type KeyValue, KeyValues } from "../../../ui/key-values.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { deploymentPath } from "../deployment-shell.tsx";
import { pollAttributes } from "../../../ui/poll.ts";
import type { Deployment, DeploymentVersion, VersionModel } from "../../../deployments/queries.ts";
import type { RunningStatus } from "../../../deployments/running-status.ts";
import { DeployedBadge, ModelBadge, RunningBadge } from "../status-badges.tsx";

/** How the deployment, its main model and its challenger are. While it is being built, it asks for itself again. */
export function StatusCard({ deployment, status }: { deployment: Deployment; status: RunningStatus }) {
  const { deployed, current } = deployment;
  const poll = deployed === "building" ? pollAttributes(`${deploymentPath(deployment)}/status?seen=building`) : {};
  const items: KeyValue[] = [
    {
      label: "Deployment",
      value: <DeployedBadge deployment={deployment} />,
      hint: deployed === "building" ? "Loading the models. This takes a few seconds." : deployment.errorMessage,
    },
    {
      label: "Running",
      value: <RunningBadge deployment={deployment} status={status} />,
      hint: deployed === "deployed" ? status.reason : null,
    },
    { label: "Main", value: <ModelStatus model={current.main} />, hint: modelHint(current.main) },
    { label: "Challenger", value: <ChallengerStatus challenger={current.challenger} />, hint: challengerHint(current) },
  ];
  return (
    <div id="deployment-status" {...poll}>
      <Card title="Status">
        <KeyValues columns={2} items={items} />
      </Card>
    </div>
  );
}

function ModelStatus({ model, children }: { model: VersionModel; children?: Child }) {
  return (
    <div class="cluster">
      <a href={`/models/${model.id}`}>{model.name}</a>
      <ModelBadge model={model} />
      {children}
    </div>
  );
}

function ChallengerStatus({ challenger }: { challenger: DeploymentVersion["challenger"] }) {
  if (!challenger) return <span class="muted">None</span>;
  return <ModelStatus model={challenger}>{challenger.suspended && <StatusBadge status="suspended" />}</ModelStatus>;
}

function modelHint({ version, error }: VersionModel): string {
  return `Version ${version} of the experiment.${error ? ` ${error.message}` : ""}`;
}

function challengerHint({ challenger }: DeploymentVersion): Child {
  if (!challenger?.suspended) return challenger && modelHint(challenger);
  const { since, reason } = challenger.suspended;
  return (
    <>
      {modelHint(challenger)} Suspended since <Timestamp atMs={since} />: {reason} Callers notice nothing; its answers
      are recorded as skipped.
    </>
  );
}
