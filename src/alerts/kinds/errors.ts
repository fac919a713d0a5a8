import { formatPercent, plural } from "../../lib/format.ts";
import { usageOf } from "../../windows/usage-counts.ts";
import type { AlertKind } from "../alert-kind.ts";
import { tooFew } from "../measured.ts";
import { CALLS_MIN, countCalls } from "../recent-calls.ts";

export const errors: AlertKind = {
  label: "Errors",
  description: "Share of calls, 0 to 1, that the model did not answer, in the last hour.",
  hasMetric: false,
  threshold: {
    help: "share of calls, 0 to 1",
    default: 0.05,
    isFit: (share) => share > 0 && share <= 1,
    says: "a share of calls above 0 and at most 1",
  },
  fires: () => "at_least",
  valueText: (share) => formatPercent(share),
  async measure({ calls: read }) {
    const { usage, isComplete } = await read();
    const calls = countCalls(usage);
    if (calls < CALLS_MIN) return tooFew(calls, CALLS_MIN, "calls of late");
    const value = usageOf(usage, "main", "errors") / calls;
    return { value, detail: `${formatPercent(value)} of ${plural(calls, "call")} failed.`, isPartial: !isComplete };
  },
};
