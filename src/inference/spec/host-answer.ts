import type { Answers } from "../../engine/read-answers.ts";
import type { ErrorCode } from "../../errors.ts";

/** What a host says to a call. Expected refusals are answers; only bugs are thrown. */
export type HostAnswer =
  | {
      kind: "answered";
      answers: Answers;
      /** Segment and index of each row, one pair after the other: what the prediction ids are made of. */
      places: number[];
    }
  | {
      kind: "refused";
      code: ErrorCode;
      message: string;
      /** The row that the model did not take; left out where it is none of them by itself. */
      row?: number;
    }
  /** Another version answers now: the caller is to read which, and to call that one. */
  | { kind: "moved" };

/** Answers to the calls of one hop, in their order, as one text: it crosses RPC for less than the objects would. */
export function encodeAnswers(answers: readonly HostAnswer[]): string {
  return JSON.stringify(answers);
}

/** Reads back what encodeAnswers wrote. */
export function decodeAnswers(text: string): HostAnswer[] {
  return JSON.parse(text) as HostAnswer[];
}

export interface HostStatus {
  running: boolean;
  /** Why it is not running; null when it is. */
  reason: string | null;
  challenger: { running: boolean; reason: string | null; suspendedAt: number | null } | null;
}
