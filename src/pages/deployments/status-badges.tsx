import { Badge, StatusBadge } from "../../ui/badge.tsx";
import { Timestamp } from "../../ui/time.tsx";
import type { Deployment, VersionModel } from "../../deployments/queries.ts";
import type { RunningStatus } from "../../deployments/running-status.ts";

type Deployed = Pick<Deployment, "deployed" | "errorMessage">;

/** Whether the models could be brought to a host. */
export function DeployedBadge({ deployment: { deployed, errorMessage } }: { deployment: Deployed }) {
  return <StatusBadge status={deployed} title={errorMessage ?? undefined} />;
}

/** Whether calls are answered now, and since when. What is still being built is not called broken. */
export function RunningBadge({ deployment, status }: { deployment: Deployed; status: RunningStatus }) {
  if (deployment.deployed === "building") return <Badge dot="still">Not yet</Badge>;
  const { running, reason, since } = status;
  return (
    <span class="cluster">
      <StatusBadge status={running ? "running" : "not_running"} title={reason ?? undefined} />
      {since !== null && (
        <span class="muted small">
          since <Timestamp atMs={since} />
        </span>
      )}
    </span>
  );
}

/** What the trial of a model said. */
export function ModelBadge({ model: { state, error } }: { model: Pick<VersionModel, "state" | "error"> }) {
  if (state === "failed") return <StatusBadge status="failed" title={error?.message} />;
  if (state === "succeeded") {
    return (
      <Badge tone="ok" dot="still">
        Ready
      </Badge>
    );
  }
  return (
    <Badge tone="accent" dot="busy">
      In trial
    </Badge>
  );
}
