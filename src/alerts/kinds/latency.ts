import { formatDuration, plural } from "../../lib/format.ts";
import { latencyQuantile } from "../../windows/usage-counts.ts";
import type { AlertKind } from "../alert-kind.ts";
import { tooFew } from "../measured.ts";
import { CALLS_MIN, countLatencies } from "../recent-calls.ts";

export const latency: AlertKind = {
  label: "Latency",
  description: "Milliseconds within which 95 of 100 calls were answered, last hour.",
  hasMetric: false,
  threshold: {
    help: "ms, p95 of the last hour",
    default: 1_000,
    isFit: (ms) => ms > 0 && ms <= 600_000,
    says: "a number of milliseconds above 0 and at most 600000",
  },
  fires: () => "at_least",
  valueText: (ms) => formatDuration(ms),
  async measure({ calls: read }) {
    const { usage, isComplete } = await read();
    const calls = countLatencies(usage);
    const value = latencyQuantile(usage, 0.95);
    if (value === null || calls < CALLS_MIN) return tooFew(calls, CALLS_MIN, "calls of late");
    return {
      value,
      detail: `95 of 100 calls took ${formatDuration(value)} or less; ${plural(calls, "call")}.`,
      isPartial: !isComplete,
    };
  },
};
