import { predictRows } from "../../engine/predict-rows.ts";
import type { Session } from "../../engine/runtime.ts";
import { isAppError } from "../../errors.ts";
import { type PackedRows, unpackRows } from "../spec/packed-rows.ts";
import type { ServingSpec } from "../spec/serving-spec.ts";

/** Whether calls would be answered. */
export interface ProbeAnswer {
  running: boolean;
  /** Why not; null when they would. */
  reason: string | null;
}

/** Runs the main model of a host over rows, once it could be loaded. What keeps it from answering is the answer; only bugs are thrown. */
export async function probeModel(
  rows: PackedRows,
  start: () => Promise<{ spec: ServingSpec }>,
  load: (spec: ServingSpec) => Promise<Session>,
): Promise<ProbeAnswer> {
  try {
    const { spec } = await start();
    const answers = predictRows(await load(spec), spec.main.plan, unpackRows(spec.features, [rows]));
    if (answers.predictions.length === rows.count) return { running: true, reason: null };
    return { running: false, reason: "The model did not answer every row." };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { running: false, reason: error.message };
  }
}
