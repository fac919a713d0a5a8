import { Card } from "../../ui/card.tsx";
import { formatCount } from "../../lib/format.ts";
import { type Column, Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { DestinationDeed } from "../pipelines/pipeline-words.tsx";
import type { RunDelivery } from "../../pipelines/runs/queries.ts";
import { DeliveryStateBadge } from "./run-state.tsx";
import { deliveryErrorText } from "../../pipelines/runs/run-words.ts";

/** What became of each destination of a run. */
export function DeliveriesCard({ deliveries, nowMs }: { deliveries: RunDelivery[]; nowMs: number }) {
  return (
    <Card title="Deliveries" flush>
      <Table caption="Deliveries of the run" rows={deliveries} columns={columnsOf(nowMs)} />
    </Card>
  );
}

function columnsOf(nowMs: number): Column<RunDelivery>[] {
  return [
    {
      key: "destination",
      header: "Destination",
      primary: true,
      cell: ({ connectionName, destination }) => (
        <>
          {connectionName ?? <span class="muted">A connection that is gone</span>}
          <span class="cell-note">
            <DestinationDeed destination={destination} />
          </span>
        </>
      ),
    },
    { key: "state", header: "State", cell: ({ state }) => <DeliveryStateBadge state={state} /> },
    {
      key: "rows",
      header: "Rows",
      align: "end",
      cell: ({ rows }) => (rows === null ? <span class="muted">–</span> : formatCount(rows)),
    },
    {
      key: "at",
      header: "When",
      nowrap: true,
      cell: ({ at }) => (at === null ? <span class="muted">–</span> : <Timestamp atMs={at} nowMs={nowMs} />),
    },
    {
      key: "error",
      header: "What to know",
      cell: (delivery) => (
        <div>
          {deliveryErrorText(delivery) ?? (delivery.notes === null && <span class="muted">–</span>)}
          {delivery.notes?.map((note) => (
            <p class="cell-note cell-break">{note}</p>
          ))}
        </div>
      ),
    },
  ];
}
