import { DAY_MS, HOUR_MS } from "../../lib/time.ts";
import { describeMonitored } from "../../monitoring/monitored.ts";
import { reportDrift } from "../../monitoring/report-drift.ts";
import { plural } from "../../lib/format.ts";
import type { AlertKind, Look } from "../alert-kind.ts";
import type { Measured } from "../measured.ts";

const NAMES_SHOWN = 5;

export const drift: AlertKind = {
  label: "Drift",
  description: "Columns that drift in the last 24 hours: features that calls send, and the main model's answers.",
  hasMetric: false,
  threshold: {
    help: "columns that drift in the last 24 h",
    default: 1,
    isFit: (columns) => Number.isInteger(columns) && columns >= 1 && columns <= 5_000,
    says: "a whole number of columns, 1 or more",
  },
  fires: () => "at_least",
  valueText: (columns) => plural(columns, "column"),
  measure: measureDrift,
};

async function measureDrift({ env, db, nowMs, deployment }: Look): Promise<Measured> {
  const monitored = await describeMonitored(env, db, deployment);
  const fromMs = Math.floor((nowMs - DAY_MS) / HOUR_MS) * HOUR_MS;
  const span = { fromMs, toMs: nowMs, bucket: "hour", version: null, source: "online" } as const;
  const { features, prediction, window, state, complete } = await reportDrift({ env, db, nowMs }, monitored, span);
  const rows = `${plural(window.rows, "row")} in the last 24 h.`;
  if (state === "not_enough_data") return { value: null, detail: `Not enough data: ${rows}` };
  const columns = [...features.filter(({ muted }) => !muted), { ...prediction.main, name: "the predictions" }];
  const drifting = columns.filter((column) => column.state === "drift").map(({ name }) => name);
  const shown = drifting.slice(0, NAMES_SHOWN).join(", ") + (drifting.length > NAMES_SHOWN ? " and others" : "");
  const found =
    drifting.length === 0
      ? "No column drifts"
      : `${plural(drifting.length, "column drifts", "columns drift")}: ${shown}`;
  return { value: drifting.length, detail: `${found}; ${rows}`, isPartial: !complete };
}
