import { Badge, StatusBadge } from "../../ui/badge.tsx";
import type { DeliveryRow, RunRow } from "../../pipelines/runs/queries.ts";

/** How a run stands. */
export function RunStateBadge({ state }: { state: RunRow["state"] }) {
  return state === "running" ? <Busy>Running</Busy> : <StatusBadge status={state} />;
}

/** How a delivery stands. */
export function DeliveryStateBadge({ state }: { state: DeliveryRow["state"] }) {
  if (state === "running") return <Busy>Delivering</Busy>;
  return state === "pending" ? <Badge dot="still">Waiting</Badge> : <StatusBadge status={state} />;
}

function Busy({ children }: { children: string }) {
  return (
    <Badge tone="accent" dot="busy">
      {children}
    </Badge>
  );
}
