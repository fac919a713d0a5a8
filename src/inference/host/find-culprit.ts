import { predictRows } from "../../engine/predict-rows.ts";
import { type Rows, sliceRows } from "../../engine/rows.ts";
import type { Session } from "../../engine/runtime.ts";
import type { ServingPlan } from "../../engine/serving-plan.ts";
import { isAppError } from "../../errors.ts";

/** A row that the model does not take, and why. */
export interface Culprit {
  row: number;
  reason: string;
}

/**
 * The first of `rows` that the model does not take by itself, when it did not take them together; null when there is none, or when the
 * model cannot be asked any more. It is asked again in halves: all runs together are over about as many rows as the first one was.
 */
export function findCulprit(session: Session, plan: ServingPlan, rows: Rows): Culprit | null {
  let [from, to] = [0, rows.count];
  while (to - from > 1) {
    if (session.isBroken) return null;
    const middle = (from + to) >>> 1;
    // When the first half is taken, the second one need not be asked: it is what is left.
    if (reasonAgainst(session, plan, sliceRows(rows, from, middle)) === null) from = middle;
    else to = middle;
  }
  if (session.isBroken) return null;
  const reason = reasonAgainst(session, plan, sliceRows(rows, from, to));
  return reason === null ? null : { row: from, reason };
}

/** Why the model does not take the rows; null when it does. */
function reasonAgainst(session: Session, plan: ServingPlan, rows: Rows): string | null {
  try {
    predictRows(session, plan, rows);
    return null;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.message;
  }
}
