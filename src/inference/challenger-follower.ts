import { holdsMissing, misfit } from "../engine/build-tensors.ts";
import { predictRows } from "../engine/predict-rows.ts";
import type { Answers } from "../engine/read-answers.ts";
import { type Column, pickRows, type Rows } from "../engine/rows.ts";
import type { Session } from "../engine/runtime.ts";
import type { TensorType } from "../engine/tensor.ts";
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
/** Attempts at the same segments that may end with the host's death: one may be a restart, two are the challenger. */
const ATTEMPTS_MAX = 2;
/** A backlog older than this is skipped: a challenger that costs many times the main would never catch up. */
const LAG_MS_MAX = 10_000;
const TOO_LARGE = "its answers are larger than what can be recorded of one batch";

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
  /** The last segment of an attempt that is made again; its rows are not mixed with others. */
  #retryUntil = Number.POSITIVE_INFINITY;
  #isAnnounced = false;
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

  /**
   * Works off what is recorded, up to now, and announces a suspension. What the challenger does wrong is a state of the rows
   * and never thrown; what the storage does is, and then the next call goes on from there.
   */
  async catchUp(): Promise<void> {
    while (this.isBehind) {
      const segments = this.#ports.log.readAfter(this.#lastSegment, ROWS_PER_WRITE).filter(({ id }) => id <= this.#retryUntil);
      const [first] = segments;
      const last = segments.at(-1);
      if (!first || !last) return;
      if (this.#health.suspendedAt !== null) this.#skip(segments, "suspended");
      else if (this.#lagMs(last) > LAG_MS_MAX) this.#skip(segments, "too_slow");
      else await this.#attempt(segments, first.id, last.id);
      this.#lastSegment = last.id;
      this.#retryUntil = Number.POSITIVE_INFINITY;
    }
    await this.#announce();
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
      for (const segment of segments) {
        const { answer, error } = await this.#predictSegment(segment);
        outputs.push(answer);
        failure = error ?? failure;
      }
    } catch (error) {
      failure = messageOf(error);
      for (const segment of segments.slice(outputs.length)) outputs.push(silence(segment, "error", failure));
    }
    if (!challengerLog.finish(first, outputs)) {
      failure = TOO_LARGE;
      challengerLog.finish(first, segments.map((segment) => silence(segment, "error", TOO_LARGE)));
    }
    this.#countResult(failure);
  }

  async #predictSegment(segment: Segment): Promise<{ answer: SegmentOutputs; error: string | null }> {
    const answer = silence(segment, "skipped", "missing_features");
    const complete = this.#completeRows(segment.rows);
    let error: string | null = null;
    for (let from = 0; from < complete.length; from += ROWS_PER_SLICE) {
      const indices = complete.slice(from, from + ROWS_PER_SLICE);
      // Asked for each slice: while calls were let through, another host may have needed the memory.
      const session = await this.#ports.session();
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

  /** The rows that have all that the challenger needs: its own columns, and a value that fits where its tensors cannot hold a missing one. */
  #completeRows(rows: Rows): number[] {
    const needed = this.#readers.filter((feature) => feature.mainTensors.length === 0 || !feature.challengerTensors.every(holdsMissing));
    const columns = needed.map(({ name, challengerTensors }) => ({ column: rows.columns.get(name), challengerTensors }));
    return Array.from({ length: rows.count }, (_, index) => index).filter((index) =>
      columns.every(({ column, challengerTensors }) => column !== undefined && isUsable(column, index, challengerTensors)),
    );
  }

  #skip(segments: readonly Segment[], reason: string): void {
    const outputs = segments.map((segment) => silence(segment, "skipped", reason));
    this.#ports.challengerLog.skip(segments[0]?.id ?? 0, segments.at(-1)?.id ?? 0, outputs);
  }

  /** Attempts that were under way when the object died: they are made again, and then the challenger is held to have done it. */
  #settleCrashes(): void {
    for (const { first, last, attempts } of this.#ports.challengerLog.unfinished()) {
      if (attempts < ATTEMPTS_MAX) {
        this.#lastSegment = first - 1;
        this.#retryUntil = last;
        return;
      }
      const segments = [];
      for (let id = first; id <= last; id += 1) {
        const segment = this.#ports.log.read(id);
        if (segment) segments.push(segment);
      }
      this.#ports.challengerLog.finish(first, segments.map((segment) => silence(segment, "error", "the host stopped while the challenger ran")));
      // A crash takes the main model's answers in flight with it, so there is no third one.
      this.#setFailures(FAILURES_MAX, "it stopped the host while it ran");
    }
  }

  #countResult(failure: string | null): void {
    if (failure !== null) this.#setFailures(this.#health.consecutiveFailures + 1, failure);
    else if (this.#health.consecutiveFailures > 0) this.#setFailures(0, null);
  }

  /** Once in the life of the object, so that what failed the last time is made good. */
  async #announce(): Promise<void> {
    if (this.#health.suspendedAt === null || this.#isAnnounced) return;
    await this.#ports.announceSuspension(this.#health);
    this.#isAnnounced = true;
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

/** Whether a value is there, and every tensor that it feeds can hold it as it is. */
function isUsable(column: Column, index: number, tensors: readonly TensorType[]): boolean {
  const value = "numbers" in column ? (column.numbers[index] ?? Number.NaN) : (column.texts[index] ?? null);
  if (value === null || Number.isNaN(value)) return false;
  return tensors.every((type) => type === "string" || misfit(type, Number(value)) === null);
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
