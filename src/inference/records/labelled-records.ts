import type { OutputValue } from "../../engine/read-answers.ts";
import type { Actual } from "./actuals-log.ts";
import type { Logs } from "./records.ts";
import type { AnsweredRows } from "../../windows/answer-counts.ts";

/** What one model answered to a labelled row; `probabilities` in the order of its class labels. */
export interface LabelledAnswer {
  prediction: OutputValue;
  probabilities: (number | null)[] | null;
}

/** Rows whose actual is known, in no order: `arrivedAt` and `position` tell that of the labels. */
export interface LabelledRecords {
  rows: {
    at: number;
    arrivedAt: number;
    position: number;
    actual: Actual;
    main: LabelledAnswer;
    /** Null: the challenger has not answered it. */
    challenger: LabelledAnswer | null;
  }[];
  classLabels: { main: string[] | null; challenger: string[] | null };
  /** True when there are more, older ones. */
  more: boolean;
}

export interface LabelledFilter {
  fromMs: number;
  toMs: number;
  source: "online" | "batch" | "all";
  limit: number;
}

/** The newest labelled records that fit the filter, at most `limit` (rounded up to a whole segment). */
export function findLabelled(
  logs: Pick<Logs, "log" | "challengerLog" | "actuals">,
  { fromMs, toMs, source, limit }: LabelledFilter,
): LabelledRecords {
  const found: LabelledRecords = { rows: [], classLabels: { main: null, challenger: null }, more: false };
  for (const id of logs.actuals.segments()) {
    const segment = logs.log.read(id);
    if (!segment || segment.at < fromMs || segment.at >= toMs) continue;
    if (source !== "all" && segment.source !== source) continue;
    if (found.rows.length >= limit) {
      found.more = true;
      break;
    }
    const outputs = logs.challengerLog.read(id);
    found.classLabels.main ??= segment.main.classLabels;
    found.classLabels.challenger ??= outputs?.classLabels ?? null;
    for (const [index, { actual, arrivedAt, position }] of logs.actuals.read(id)) {
      found.rows.push({
        at: segment.at,
        arrivedAt,
        position,
        actual,
        main: answerAt(segment.main, index),
        challenger: outputs?.states[index] === "ok" ? answerAt(outputs, index) : null,
      });
    }
  }
  return found;
}

function answerAt({ predictions, probabilities, classLabels }: AnsweredRows, index: number): LabelledAnswer {
  const width = classLabels?.length ?? 0;
  return {
    prediction: predictions[index] ?? null,
    probabilities: probabilities && probabilities.slice(index * width, (index + 1) * width),
  };
}
