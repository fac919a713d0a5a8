import type { DriftState } from "../drift-report.ts";

/** The worst state of the columns; `not_enough_data` only where all of them are, or there is none. */
export function overallState(columns: readonly { state: DriftState }[]): DriftState {
  const has = (state: DriftState): boolean => columns.some((column) => column.state === state);
  if (has("drift")) return "drift";
  if (has("warning")) return "warning";
  return has("ok") ? "ok" : "not_enough_data";
}
