import { formatCount, formatDuration, plural } from "../../lib/format.ts";
import { RUN_STEPS } from "../schema.ts";
import type { DeliveryRow, Run, RunRow } from "./queries.ts";
import { isFinalFailure } from "./run-failure.ts";

/** Whether a run has not ended. */
export function isUnderWay(state: RunRow["state"]): boolean {
  return state === "queued" || state === "running";
}

/** Whether retryRun would take it. */
export function isRetryable({ state, errorCode, pipeline }: Pick<Run, "state" | "errorCode" | "pipeline">): boolean {
  return (state === "failed" || state === "cancelled") && !isFinalFailure(errorCode) && pipeline.deletedAt === null;
}

/** Whether nothing is left to do of a run but to deliver its files. */
export function onlyDeliveriesFailed({
  state,
  files,
  deliveries,
}: Pick<Run, "state" | "files" | "deliveries">): boolean {
  return (
    (state === "failed" || state === "cancelled") &&
    files !== null &&
    deliveries.some((delivery) => delivery.state !== "succeeded")
  );
}

const STEP_WORDS: Record<(typeof RUN_STEPS)[number], string> = {
  staging: "reading the rows of the source",
  predicting: "predicting the rows",
  assembling: "putting the files together",
  delivering: "delivering",
};

/** What a run is doing: `Step 2 of 4: predicting the rows`. */
export function stepText({ state, step }: Pick<RunRow, "state" | "step">): string {
  if (state === "queued") return "Waiting for its turn";
  if (step === null) return "Beginning";
  return `Step ${RUN_STEPS.indexOf(step) + 1} of ${RUN_STEPS.length}: ${STEP_WORDS[step]}`;
}

export const TRIGGER_WORDS: Record<RunRow["trigger"], string> = {
  schedule: "Schedule",
  manual: "By hand",
  api: "API",
};

/** How far the rows of a run are: `1,200 of 5,000 rows`. */
export function rowsText({ rowsTotal, rowsDone }: Pick<RunRow, "rowsTotal" | "rowsDone">): string {
  if (rowsTotal === null) return rowsDone === 0 ? "Rows not counted yet" : plural(rowsDone, "row");
  return `${formatCount(rowsDone)} of ${plural(rowsTotal, "row")}`;
}

/** How long a run took, or has been taking. Null before it began. */
export function durationText(
  { startedAt, finishedAt }: Pick<RunRow, "startedAt" | "finishedAt">,
  nowMs: number,
): string | null {
  return startedAt === null ? null : formatDuration(Math.max(0, (finishedAt ?? nowMs) - startedAt));
}

/** What a delivery met, and that it is tried again while it is; null when nothing. */
export function deliveryErrorText({ state, errorMessage }: Pick<DeliveryRow, "state" | "errorMessage">): string | null {
  return errorMessage !== null && state === "running" ? `${errorMessage} It is tried again.` : errorMessage;
}

/** What of a run its page and its lists show while it goes on: another text once any of it has changed. */
export function progressOf({ state, attempt, step, rowsTotal, rowsDone, rowsFailed, deliveries }: Run): string {
  const delivered = deliveries.map((delivery) => `${delivery.state.charAt(0)}${delivery.at ?? ""}`);
  return [state, attempt, step, rowsTotal, rowsDone, rowsFailed, ...delivered].join("-");
}
