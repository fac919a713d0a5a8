import type { Database } from "../db.ts";
import { DAY_MS, iso } from "../lib/time.ts";
import { answersName, scoreName } from "../windows/answer-counts.ts";
import { mergeWindows } from "../windows/merge-windows.ts";
import type { ReferenceColumn, Tally } from "../windows/reference-column.ts";
import { emptyTally, rowsOf } from "../windows/tally.ts";
import type { Monitored, MonitoredModel } from "./monitored.ts";
import { readSpan } from "./read-span.ts";
import type { ReferenceChoice } from "./settings.ts";
import type { TimeSpan } from "./time-span.ts";

/** Hours are kept for 35 days; older times are read by day. */
const HOURLY_MS_MAX = 34 * DAY_MS;

/**
 * The deployment compared with what its settings choose: the training data as they are, or what was recorded in another span, counted by
 * the bins of the training reference. Effects stay in standard deviations of the training reference.
 */
export async function withChosenReference(
  ports: { env: Env; db: Database; nowMs: number },
  monitored: Monitored,
  span: TimeSpan,
): Promise<Monitored> {
  const chosen = chosenSpan(monitored.settings.reference, span, ports.nowMs);
  if (chosen === null) return monitored;
  const { windows } = await readSpan(ports, monitored, chosen, ["features", "answers"]);
  const merged = mergeWindows(windows);
  const answers = (role: "main" | "challenger", model: MonitoredModel): MonitoredModel => {
    const { reference } = model;
    if (!reference) return model;
    const name = answersName(role, model.id);
    const column = reference.column && recounted(reference.column, merged.answers.get(name));
    const scores = reference.scores.map((score) => ({
      ...score,
      column: recounted(score.column, merged.answers.get(scoreName(name, score.label))),
    }));
    return { ...model, reference: { ...reference, column, scores } };
  };
  return {
    ...monitored,
    reference: { ...monitored.reference, rows: merged.rows },
    recordedFrom: { from: iso(chosen.fromMs), to: iso(chosen.toMs) },
    columns: monitored.columns.map((column) => recounted(column, merged.features.get(column.name))),
    main: answers("main", monitored.main),
    challenger: monitored.challenger && answers("challenger", monitored.challenger),
  };
}

/** The span that a window of `span` is compared with; null for the training data. */
function chosenSpan(reference: ReferenceChoice, span: TimeSpan, nowMs: number): TimeSpan | null {
  if (reference.kind === "training") return null;
  const [fromMs, toMs] =
    reference.kind === "span"
      ? [Date.parse(reference.from), Date.parse(reference.to)]
      : [span.fromMs, Math.min(span.toMs, nowMs)].map((at) => at - reference.offset_days * DAY_MS);
  const bucket = nowMs - (fromMs ?? 0) > HOURLY_MS_MAX ? "day" : "hour";
  return { ...span, version: null, bucket, fromMs: fromMs ?? 0, toMs: toMs ?? 0 };
}

/** The column as recorded rows fill its bins. How many of its values were rare is not known then. */
function recounted(column: ReferenceColumn, counted: Tally | undefined): ReferenceColumn {
  const empty = emptyTally(column.binning);
  // Counts of another binning are not of this reference.
  const tally = counted?.length === empty.length ? counted : empty;
  return { ...column, tally, rows: rowsOf(column.binning, tally), rare: null };
}
