import { sliceAnswers } from "../../engine/predict-rows.ts";
import { keyedByText } from "../../lib/keyed-by-text.ts";
import type { Answers } from "../../engine/read-answers.ts";
import { concatRows, type Rows } from "../../engine/rows.ts";
import type { SegmentOutputs } from "../records/challenger-log.ts";
import { challengerRows } from "./challenger-rows.ts";
import type { Segment } from "../records/segment.ts";
import type { ServedFeature } from "../spec/serving-spec.ts";

/** Some rows of one segment, and where the challenger's answers to them go. */
export interface SlicePart {
  segment: Segment;
  outputs: SegmentOutputs;
  indices: readonly number[];
}

/** What is written of a segment whose rows the challenger has not answered. */
export function silence(segment: Segment, state: "error" | "skipped", reason: string): SegmentOutputs {
  return { segment: segment.id, ...noOutputs(segment.rows.count, state, reason) };
}

/** The outputs for so many rows none of which is answered. */
export function noOutputs(count: number, state: "error" | "skipped", reason: string): Omit<SegmentOutputs, "segment"> {
  return {
    states: Array.from({ length: count }, () => state),
    reasons: Array.from({ length: count }, () => reason),
    predictions: Array.from({ length: count }, () => null),
    probabilities: null,
    classLabels: null,
    extra: keyedByText(),
  };
}

/**
 * The rows of `parts` in slices of `rowsMax`, in order. A slice may span several segments: under load a segment has a
 * handful of rows, and a run over a full slice costs little more than one over a handful.
 */
export function slicesOf(parts: readonly SlicePart[], rowsMax: number): SlicePart[][] {
  const slices: SlicePart[][] = [];
  let room = 0;
  for (const part of parts) {
    for (let from = 0; from < part.indices.length;) {
      if (room === 0) {
        slices.push([]);
        room = rowsMax;
      }
      const indices = part.indices.slice(from, from + room);
      slices.at(-1)?.push({ ...part, indices });
      from += indices.length;
      room -= indices.length;
    }
  }
  return slices;
}

/** How many rows a slice has. */
export function rowsIn(slice: readonly SlicePart[]): number {
  return slice.reduce((sum, { indices }) => sum + indices.length, 0);
}

/** A slice of two rows or more in two. */
export function halvesOf(slice: readonly SlicePart[]): SlicePart[][] {
  return slicesOf(slice, Math.ceil(rowsIn(slice) / 2));
}

/** The rows of a slice as the challenger reads them, one part behind the other. */
export function rowsOfSlice(slice: readonly SlicePart[], readers: readonly ServedFeature[]): Rows {
  return concatRows(slice.map(({ segment, indices }) => challengerRows(segment.rows, indices, readers)));
}

/** Puts the answers to the rows of a slice where they belong. */
export function placeAnswers(slice: readonly SlicePart[], answers: Answers): void {
  let from = 0;
  for (const { outputs, indices } of slice) {
    const to = from + indices.length;
    place(outputs, indices, slice.length === 1 ? answers : sliceAnswers(answers, from, to));
    from = to;
  }
}

/** Notes that the challenger failed on the rows of a slice. */
export function placeErrors(slice: readonly SlicePart[], reason: string): void {
  for (const { outputs, indices } of slice) {
    for (const index of indices) {
      outputs.states[index] = "error";
      outputs.reasons[index] = reason;
    }
  }
}

/** Puts answers to the rows at `indices` in their places among the outputs. */
export function place(outputs: Omit<SegmentOutputs, "segment">, indices: readonly number[], answers: Answers): void {
  const width = answers.classLabels?.length ?? 0;
  if (answers.probabilities && !outputs.probabilities) {
    outputs.classLabels = answers.classLabels;
    outputs.probabilities = Array.from({ length: outputs.states.length * width }, () => null);
  }
  indices.forEach((index, position) => {
    outputs.states[index] = "ok";
    outputs.reasons[index] = null;
    outputs.predictions[index] = answers.predictions[position] ?? null;
    for (let column = 0; column < width; column += 1) {
      if (outputs.probabilities)
        outputs.probabilities[index * width + column] = answers.probabilities?.[position * width + column] ?? null;
    }
    for (const [name, values] of Object.entries(answers.extra)) {
      outputs.extra[name] ??= Array.from({ length: outputs.states.length }, () => null);
      outputs.extra[name][index] = values[position] ?? null;
    }
  });
}
