import { holdsMissing } from "../engine/build-tensors.ts";
import { predictRows } from "../engine/predict-rows.ts";
import type { Answers } from "../engine/read-answers.ts";
import { pickRows, type Rows } from "../engine/rows.ts";
import type { Session } from "../engine/runtime.ts";
import type { ChallengerHealth, ChallengerLog, SegmentOutputs } from "./challenger-log.ts";
import type { RecordLog } from "./record-log.ts";
import type { Segment } from "./segment.ts";
import type { ServedFeature, ServedModel } from "./serving-spec.ts";

/** Rows of one run: a run cannot be interrupted, so this bounds how long a waiting call is held up. */
const ROWS_PER_SLICE = 64;
/** Rows whose outputs are written together, as one row of storage. */
const ROWS_PER_WRITE = 2_000;
/** Failures in a row, counted by writes, after which the challenger is not asked any more. */
const FAILURES_MAX = 5;
/** A backlog older than this is skipped: a challenger that costs many times the main would never catch up. */
const LAG_MS_MAX = 10_000;

export interface FollowerPorts {
  log: RecordLog;
  challengerLog: ChallengerLog;
  features: readonly ServedFeature[];
  model: ServedModel;
  /** Loads the challenger when it is not loaded. */
  session: () => Promise<Session>;
  /** Gives way to calls that wait. */
  yieldToCalls: () => Promise<void>;
  /** Resolves when all that was written is durable. */
  durable: () => Promise<void>;
  now: () => number;
  /** Tells the outside that the challenger is suspended; may fail, and is then tried again. */
  announceSuspension: (health: ChallengerHealth) => Promise<void>;
}

/**
 * Runs the challenger over the recorded segments, in order, behind the answers. Whatever it does, calls are answered:
 * it is asked in slices, an attempt is marked before it is made, and after repeated failures it is asked no more.
 */
export class ChallengerFollower {
  readonly #ports: FollowerPorts;
  readonly #readers: ServedFeature[];
  #health: ChallengerHealth;
  #lastSegment: number;
  readonly #startedAt: number;

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
    this.#readers = ports.features.filter((feature) => feature.challengerTensors.length > 0);
    this.#health = ports.challengerLog.health();
    this.#lastSegment = ports.challengerLog.lastSegment();
    this.#startedAt = ports.now();
    this.#settleCrashes();
  }

  get health(): ChallengerHealth {
    return this.#health;
  }

  get isBehind(): boolean {
    return this.#lastSegment < this.#ports.log.lastId;
  }

  /** Works off what is recorded, up to now. Never throws: a failure is a state of the rows, not of the host. */
  async catchUp(): Promise<void> {
    while (this.isBehind) {
      const segments = this.#ports.log.readAfter(this.#lastSegment, ROWS_PER_WRITE);
      const [first] = segments;
      const last = segments.at(-1);
      if (!first || !last) return;
      if (this.#health.suspendedAt !== null) this.#skip(segments, "suspended");
      else if (this.#lagMs(last) > LAG_MS_MAX) this.#skip(segments, "too_slow");
      else await this.#attempt(segments, first.id, last.id);
      this.#lastSegment = last.id;
    }
  }

  /** How far behind the challenger is by its own fault: time in which the object slept does not count. */
  #lagMs(segment: Segment): number {
    return this.#ports.now() - Math.max(segment.at, this.#startedAt);
  }

  async #attempt(segments: readonly Segment[], first: number, last: number): Promise<void> {
    const { challengerLog } = this.#ports;
    challengerLog.beginAttempt(first, last);
    await this.#ports.durable();
    const outputs: SegmentOutputs[] = [];
    let failure: string | null = null;
    try {
      const session = await this.#ports.session();
      for (const segment of segments) {
        const { answer, error } = await this.#predictSegment(session, segment);
        outputs.push(answer);
        failure = error ?? failure;
      }
    } catch (error) {
      failure = messageOf(error);
      for (const segment of segments.slice(outputs.length)) outputs.push(silence(segment, "error", failure));
    }
    challengerLog.finish(first, outputs);
    await this.#countResult(failure);
  }

  async #predictSegment(session: Session, segment: Segment): Promise<{ answer: SegmentOutputs; error: string | null }> {
    const answer = silence(segment, "skipped", "missing_features");
    const complete = this.#completeRows(segment.rows);
    let error: string | null = null;
    for (let from = 0; from < complete.length; from += ROWS_PER_SLICE) {
      const indices = complete.slice(from, from + ROWS_PER_SLICE);
      try {
        place(answer, indices, predictRows(session, this.#ports.model.plan, pickRows(segment.rows, indices)));
      } catch (thrown) {
        error = messageOf(thrown);
        for (const index of indices) markError(answer, index, error);
      }
      await this.#ports.yieldToCalls();
    }
    return { answer, error };
  }

  /** The rows that have all that the challenger needs: its own columns, and no gap where its tensors cannot hold one. */
  #completeRows(rows: Rows): number[] {
    const needed = this.#readers.filter((feature) => feature.mainTensors.length === 0 || !feature.challengerTensors.every(holdsMissing));
    const columns = needed.map((feature) => rows.columns.get(feature.name));
    return Array.from({ length: rows.count }, (_, index) => index).filter((index) =>
      columns.every((column) => {
        if (!column) return false;
        return "numbers" in column ? !Number.isNaN(column.numbers[index]) : column.texts[index] !== null;
      }),
    );
  }

  #skip(segments: readonly Segment[], reason: string): void {
    const outputs = segments.map((segment) => silence(segment, "skipped", reason));
    this.#ports.challengerLog.skip(segments[0]?.id ?? 0, segments.at(-1)?.id ?? 0, outputs);
  }

  /** Attempts that were under way when the object died: the challenger is held to have done it. */
  #settleCrashes(): void {
    for (const { first, last } of this.#ports.challengerLog.unfinished()) {
      const segments = [];
      for (let id = first; id <= last; id += 1) {
        const segment = this.#ports.log.read(id);
        if (segment) segments.push(segment);
      }
      this.#ports.challengerLog.finish(first, segments.map((segment) => silence(segment, "error", "the host stopped while the challenger ran")));
      // A crash takes the main model's answers in flight with it, so the second one is the last.
      this.#setFailures(this.#health.consecutiveFailures + Math.ceil(FAILURES_MAX / 2), "it stopped the host while it ran");
    }
  }

  async #countResult(failure: string | null): Promise<void> {
    if (failure === null) {
      if (this.#health.consecutiveFailures > 0) this.#setFailures(0, null);
      return;
    }
    this.#setFailures(this.#health.consecutiveFailures + 1, failure);
    if (this.#health.suspendedAt !== null) await this.#ports.announceSuspension(this.#health);
  }

  #setFailures(consecutiveFailures: number, reason: string | null): void {
    const suspended = consecutiveFailures >= FAILURES_MAX;
    this.#health = {
      consecutiveFailures,
      suspendedAt: suspended ? this.#ports.now() : null,
      suspendedReason: suspended ? reason : null,
    };
    this.#ports.challengerLog.saveHealth(this.#health);
  }
}

function silence(segment: Segment, state: "error" | "skipped", reason: string): SegmentOutputs {
  const { count } = segment.rows;
  return {
    segment: segment.id,
    states: Array.from({ length: count }, () => state),
    reasons: Array.from({ length: count }, () => reason),
    predictions: Array.from({ length: count }, () => null),
    probabilities: null,
    classLabels: null,
    extra: {},
  };
}

function markError(answer: SegmentOutputs, index: number, reason: string): void {
  answer.states[index] = "error";
  answer.reasons[index] = reason;
}

/** Puts the answers to the rows at `indices` where they belong. */
function place(answer: SegmentOutputs, indices: readonly number[], answers: Answers): void {
  const width = answers.classLabels?.length ?? 0;
  if (answers.probabilities && !answer.probabilities) {
    answer.classLabels = answers.classLabels;
    answer.probabilities = Array.from({ length: answer.states.length * width }, () => null);
  }
  indices.forEach((index, position) => {
    answer.states[index] = "ok";
    answer.reasons[index] = null;
    answer.predictions[index] = answers.predictions[position] ?? null;
    for (let column = 0; column < width; column += 1) {
      if (answer.probabilities) answer.probabilities[index * width + column] = answers.probabilities?.[position * width + column] ?? null;
    }
    for (const [name, values] of Object.entries(answers.extra)) {
      answer.extra[name] ??= Array.from({ length: answer.states.length }, () => null);
      answer.extra[name][index] = values[position] ?? null;
    }
  });
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}
