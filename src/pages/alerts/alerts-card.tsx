import { Badge, StatusBadge } from "../../ui/badge.tsx";
import { ActionButton, ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";
import type { Alert } from "../../alerts/alert-message.ts";
import { alertLabel, thresholdText, valueText } from "../../alerts/alert-words.ts";
import type { AlertsView } from "./view.ts";

type Row = AlertsView["alerts"][number];

/** The alerts of a deployment, how each stands, and what can be done with it. `path` is where their page is. */
export function AlertsCard({ view, path }: { view: AlertsView; path: string }) {
  const { alerts, mayChange, nowMs } = view;
  return (
    <Card
      id="alerts"
      title="Alerts"
      description="Checked every minute. An alert sends one message when it starts to fire, and one when it has been fine for two minutes."
      flush={alerts.length > 0}
    >
      <Table
        caption="Alerts"
        rows={alerts}
        columns={[...columns(nowMs), ...(mayChange ? actionColumns(path) : [])]}
        empty={
          <EmptyState title="No alerts yet" icon="alert">
            {mayChange
              ? "Create one below to hear when the deployment drifts, fails, slows down, gets worse or stops."
              : "A contributor of the project can create one."}
          </EmptyState>
        }
      />
    </Card>
  );
}

function columns(nowMs: number): Column<Row>[] {
  return [
    {
      key: "alert",
      header: "Alert",
      primary: true,
      cell: ({ alert }) => (
        <>
          {alertLabel(alert)}
          <p class="cell-note">{thresholdText(alert)}</p>
        </>
      ),
    },
    { key: "state", header: "State", cell: ({ alert }) => <State alert={alert} nowMs={nowMs} /> },
    { key: "value", header: "Last value", cell: ({ alert }) => <LastValue alert={alert} nowMs={nowMs} /> },
    { key: "tells", header: "Receiver", cell: ({ alert }) => <Receiver alert={alert} /> },
  ];
}

function State({ alert: { state, since }, nowMs }: { alert: Alert; nowMs: number }) {
  return (
    <>
      {state === "ok" && <StatusBadge status="ok" />}
      {state === "firing" && (
        <Badge tone="bad" dot="still">
          Firing
        </Badge>
      )}
      {state === "unknown" && <Badge dot="still">Not known</Badge>}
      <p class="cell-note">
        since <Timestamp atMs={since} nowMs={nowMs} />
      </p>
    </>
  );
}

function LastValue({ alert, nowMs }: { alert: Alert; nowMs: number }) {
  const { lastValue, lastDetail, lastCheckedAt, checkError } = alert;
  if (lastCheckedAt === null) return <span class="muted">Not checked yet</span>;
  return (
    <>
      {lastValue === null ? <span class="muted">–</span> : valueText(alert, lastValue)}
      <p class="cell-note">
        {checkError ?? lastDetail} Checked <Timestamp atMs={lastCheckedAt} nowMs={nowMs} />.
      </p>
    </>
  );
}

/** Of a URL the host: the rest of it often is a secret of the receiver. */
function Receiver({ alert: { notifyBy, notifyTo, deliveryError } }: { alert: Alert }) {
  return (
    <>
      {notifyBy === "webhook" ? `Webhook at ${new URL(notifyTo).host}` : notifyTo}
      {deliveryError !== null && (
        <>
          {" "}
          <Badge tone="warning" dot="still">
            Not delivered
          </Badge>
          <p class="cell-note">{deliveryError}</p>
        </>
      )}
    </>
  );
}

function actionColumns(path: string): Column<Row>[] {
  return [
    {
      key: "test",
      header: "Test",
      action: true,
      cell: ({ alert }) => (
        <ActionButton
          action={`${path}/${alert.id}/test`}
          label="Test"
          busyLabel="Sending …"
          size="small"
          attributes={{ "aria-label": `Send a test of ${alertLabel(alert)}` }}
        />
      ),
    },
    {
      key: "delete",
      header: "Delete",
      action: true,
      cell: ({ alert, mayDelete }) =>
        mayDelete && (
          <ButtonLink
            href={`${path}/${alert.id}/delete`}
            size="small"
            variant="danger"
            attributes={{ "aria-label": `Delete ${alertLabel(alert)}` }}
          >
            Delete
          </ButtonLink>
        ),
    },
  ];
}
