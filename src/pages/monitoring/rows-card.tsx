import { Card } from "../../ui/card.tsx";
import { Chart } from "../../ui/chart.tsx";
import { driftParams, type DriftView } from "./view.ts";
import { addressWith, versionMarkers } from "./span-view.ts";

/** How many rows came when, and when another version began to answer. */
export function RowsCard({ view }: { view: DriftView }) {
  const { bucket } = view.chosen.span;
  return (
    <Card>
      <Chart
        id="rows"
        title={`Rows per ${bucket}`}
        precision={bucket === "day" ? "date" : "minutes"}
        csvHref={addressWith(`${view.path}/drift.csv`, driftParams(view))}
        data={{
          kind: "bars",
          unit: "count",
          times: view.times,
          series: [{ label: "Rows", tone: "main", values: view.points.map((point) => point?.rows ?? 0) }],
          markers: versionMarkers(view.versions),
        }}
      />
    </Card>
  );
}
