import type { Task } from "../../../engine/serving-plan.ts";
import { Card } from "../../../ui/card.tsx";
import { formatNumber, plural } from "../../../lib/format.ts";
import { KeyValues } from "../../../ui/key-values.tsx";
import { Stat, StatGrid } from "../../../ui/stat.tsx";
import { metricHint, metricLabel, METRICS_AT_A_GLANCE, metricText } from "../../../experiments/metrics/metric-facts.ts";
import type { ModelMetrics } from "../../../experiments/metrics/metrics.ts";

export interface MetricsCardProps {
  task: Task;
  metrics: ModelMetrics;
  /** What the user's own evaluation said. */
  stated: Record<string, number> | null;
}

/** How well the model predicted rows whose target is known, and on which rows that was measured. */
export function MetricsCard({ task, metrics, stated }: MetricsCardProps) {
  const first = METRICS_AT_A_GLANCE[task].filter((name) => name in metrics.values);
  const others = Object.keys(metrics.values).filter((name) => !first.includes(name));
  const rows = plural(metrics.rows, `${metrics.source} row`);
  return (
    <Card
      title="Metrics"
      description={
        metrics.source === "holdout"
          ? `Measured on ${rows} that the model has not seen.`
          : `Measured on ${rows}. Metrics on training rows are too good. Add a version with a holdout for honest numbers.`
      }
    >
      <div class="stack">
        <StatGrid>
          {[...first, ...others].map((name) => (
            <Stat label={metricLabel(name)} value={metricText(name, metrics.values[name])} hint={metricHint(name)} />
          ))}
        </StatGrid>
        {stated && Object.keys(stated).length > 0 && (
          <>
            <h3>As stated at the upload</h3>
            <KeyValues
              items={Object.entries(stated).map(([label, value]) => ({ label, value: formatNumber(value) }))}
            />
          </>
        )}
      </div>
    </Card>
  );
}
