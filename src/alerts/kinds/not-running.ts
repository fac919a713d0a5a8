import { readStatus } from "../../deployments/deployment-status.ts";
import { HOUR_MS, MINUTE_MS } from "../../lib/time.ts";
import { formatDuration, formatNumber } from "../../lib/format.ts";
import type { AlertKind } from "../alert-kind.ts";

/** A status that nobody has looked after for so long says nothing. */
const STATUS_MS_MAX = HOUR_MS;

export const notRunning: AlertKind = {
  label: "Not running",
  description: "Minutes without an answer from the deployment.",
  hasMetric: false,
  threshold: {
    help: "minutes",
    default: 2,
    isFit: (minutes) => minutes >= 1 && minutes <= 10_080,
    says: "a number of minutes from 1 to 10080",
  },
  fires: () => "at_least",
  valueText: (minutes) => `${formatNumber(minutes, 3)} min`,
  async measure({ db, nowMs, deployment }) {
    const status = await readStatus(db, deployment.id);
    if (!status || nowMs - status.checkedAt > STATUS_MS_MAX) return { value: null, detail: "Not checked yet." };
    if (status.running) return { value: 0, detail: "It is running." };
    const stoppedMs = nowMs - status.since;
    return {
      value: Math.max(0, stoppedMs / MINUTE_MS),
      detail: `It has not been running for ${formatDuration(stoppedMs)}. ${status.reason ?? ""}`.trim(),
    };
  },
};
