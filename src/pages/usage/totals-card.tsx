import { formatBytes, formatCount, formatDuration, formatPercent, plural } from "../../lib/format.ts";
import { Stat, StatGrid } from "../../ui/stat.tsx";
import type { UsageView } from "./view.ts";

/** The whole time in numbers: those of main, and below those of the challenger. */
export function TotalsCard({ view }: { view: UsageView }) {
  const { main, challenger } = view.report.total;
  const { p50, p95, p99 } = main.latency_ms;
  const asked = main.calls + main.errors;
  const beside = (words: (value: number) => string, value: number | null | undefined) =>
    challenger ? `Challenger: ${value === null || value === undefined ? "not known" : words(value)}` : undefined;
  return (
    <StatGrid>
      <Stat
        label="Calls"
        value={formatCount(main.calls)}
        hint={`${plural(main.rows, "row")}${challenger ? `; the challenger answered ${plural(challenger.rows, "row")} of ${plural(challenger.calls, "call")}` : ""}`}
      />
      <Stat
        label="Errors"
        value={formatCount(main.errors)}
        hint={
          <>
            {asked > 0 && `${formatPercent(main.errors / asked)} of calls. `}
            {beside((rows) => plural(rows, "row"), challenger?.errors)}
          </>
        }
        tone={main.errors > 0 ? "bad" : undefined}
      />
      <Stat
        label="Latency, median"
        value={known(formatDuration, p50)}
        hint={p95 !== null && p99 !== null && `95% below ${formatDuration(p95)}, 99% below ${formatDuration(p99)}`}
      />
      <Stat
        label="Compute time"
        value={known(formatDuration, main.compute_ms)}
        hint={beside(formatDuration, challenger?.compute_ms)}
      />
      {main.cpu_ms !== null && (
        <Stat
          label="CPU"
          value={formatDuration(main.cpu_ms)}
          hint={[beside(formatDuration, challenger?.cpu_ms), partOf(view)].filter(Boolean).join(". ")}
        />
      )}
      <Stat
        label="Memory, mean"
        value={known(formatBytes, main.memory_bytes)}
        hint={beside(formatBytes, challenger?.memory_bytes)}
      />
    </StatGrid>
  );
}

/** CPU is summed up over the buckets in which it is known, which may be few. */
function partOf({ points, chosen, report }: UsageView): string | null {
  const used = points.filter((point) => (point?.main.rows ?? 0) > 0);
  const measured = used.filter((point) => (point?.main.cpu_ms ?? null) !== null);
  if (report.total.main.cpu_ms === null || measured.length === used.length) return null;
  return `Known for ${formatCount(measured.length)} of ${plural(used.length, chosen.span.bucket)} with calls`;
}

function known(words: (value: number) => string, value: number | null) {
  return value === null ? <span class="muted small">Not known</span> : words(value);
}
