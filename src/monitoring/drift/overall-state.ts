import type { DriftState } from "../drift-report.ts";

const WORST_FIRST: readonly DriftState[] = ["drift", "warning", "minor", "ok"];

/** The worst state of the columns; `not_enough_data` only where all of them are, or there is none. */
export function overallState(columns: readonly { state: DriftState }[]): DriftState {
  return worstOf(columns.map(({ state }) => state)) ?? "not_enough_data";
}

/** The worst state of the checks of a column: ok where there is nothing to check. */
export function worstState(states: readonly DriftState[]): DriftState {
  return worstOf(states) ?? "ok";
}

function worstOf(states: readonly DriftState[]): DriftState | undefined {
  return WORST_FIRST.find((state) => states.includes(state));
}
