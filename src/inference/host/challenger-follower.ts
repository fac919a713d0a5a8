import { predictRows } from "../../engine/predict-rows.ts";
import type { Session } from "../../engine/runtime.ts";
import type { ChallengerHealth, ChallengerLog } from "../records/challenger-log.ts";
import {
  halvesOf,
  placeAnswers,
  placeErrors,
  rowsIn,
  rowsOfSlice,
  silence,
  type SlicePart,
  slicesOf,
} from "./challenger-slices.ts";
import { completeRows } from "./challenger-rows.ts";
import type { RecordLog } from "../records/record-log.ts";
import type { Segment } from "../records/segment.ts";
import { clockRuns } from "./run-clock.ts";
import type { ServedFeature, ServedModel } from "../spec/serving-spec.ts";
import { messageOf } from "../../lib/message-of.ts";
import { MINUTE_MS } from "../../lib/time.ts";

/** Rows of one run: a run cannot be interrupted, so this bounds how long a waiting call is held up. */
const ROWS_PER_SLICE = 64;
/** Rows whose outputs are written together, as one row of storage. */
const ROWS_PER_WRITE = 2_000;
/** Attempts in a row that answered not a single row, after which the challenger is not asked any more. */
const FAILURES_MAX = 5;
const REASON_LENGTH_MAX = 300;
/** Attempts at the same segments that may end with the host's death: one may be a restart, two are the challenger. */
const ATTEMPTS_MAX = 2;
/**
 * Rows that wait for less than this are caught up, in order, as soon as there is time; older ones are skipped, because a challenger that
 * costs many times the main would never catch up under a load that stays.
 */
export const LAG_MS_MAX = 15 * MINUTE_MS;
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
  /** Told how long a run over so many rows took, and what memory the model holds. */
  noteRun: (tookMs: number, rows: number, memoryBytes: number) => void;
}

/** How many rows were answered, and what went wrong last; null: nothing. */
interface AttemptResult {
  answered: number;
  failure: string | null;
}

/**
 * Runs the challenger over the recorded segments, in order, behind the answers. Whatever it does, calls are answered:
 * it is asked in slices, what it does not take together it is asked again in halves, an attempt is marked before it is made, and after
 * repeated attempts without a single answer it is asked no more. Only rows that main has answered are recorded, so only they count.
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

  /** The last segment that the challenger is done with. */
  get lastSegment(): number {
    return this.#lastSegment;
  }

  get isBehind(): boolean {
    return this.#lastSegment < this.#ports.log.lastId;
  }

  /**
   * Works off what is recorded, up to now, and announces a suspension. What the challenger does wrong is a state of the rows
   * and never thrown; what the storage does is, and then the next call goes on from there.
   */
  async catchUp(): Promise<void> {
    // What comes in meanwhile waits for the next call, so that it gathers to fewer, larger runs and writes.
    const lastWanted = this.#ports.log.lastId;
    while (this.#lastSegment < lastWanted) {
      const segments = this.#ports.log
        .readAfter(this.#lastSegment, ROWS_PER_WRITE)
        .filter(({ id }) => id <= this.#retryUntil);
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
    const parts = segments.map((segment): SlicePart => {
      const outputs = silence(segment, "skipped", "missing_features");
      return { segment, outputs, indices: completeRows(segment.rows, this.#readers) };
    });
    let result = await this.#predictParts(parts);
    if (
      !challengerLog.finish(
        first,
        parts.map(({ outputs }) => outputs),
      )
    ) {
      result = { answered: 0, failure: TOO_LARGE };
      challengerLog.finish(
        first,
        segments.map((segment) => silence(segment, "error", TOO_LARGE)),
      );
    }
    this.#countResult(result);
  }

  /** Fills in the outputs of `parts`, so that only rows that fail by themselves are errors. */
  async #predictParts(parts: readonly SlicePart[]): Promise<AttemptResult> {
    const waiting = slicesOf(parts, ROWS_PER_SLICE);
    const result: AttemptResult = { answered: 0, failure: null };
    for (let slice = waiting.shift(); slice; slice = waiting.shift()) {
      try {
        // Asked for each slice: while calls were let through, another host may have needed the memory.
        const session = await this.#ports.session();
        const rows = rowsIn(slice);
        const startedAt = this.#ports.now();
        const error = this.#predictSlice(session, slice);
        const endedAt = this.#ports.now();
        if (error !== null && rows > 1) waiting.unshift(...halvesOf(slice));
        else if (error !== null) placeErrors(slice, error);
        if (error === null) result.answered += rows;
        else result.failure = error;
        await this.#ports.yieldToCalls();
        const tookMs = (clockRuns(startedAt, endedAt) ? endedAt : this.#ports.now()) - startedAt;
        if (error === null) this.#ports.noteRun(tookMs, rows, session.memoryBytes);
      } catch (thrown) {
        const failure = messageOf(thrown).slice(0, REASON_LENGTH_MAX);
        for (const left of [slice, ...waiting]) placeErrors(left, failure);
        return { ...result, failure };
      }
    }
    return result;
  }

  /** One run. Answers what went wrong, null when the answers are in their places. */
  #predictSlice(session: Session, slice: readonly SlicePart[]): string | null {
    try {
      placeAnswers(slice, predictRows(session, this.#ports.model.plan, rowsOfSlice(slice, this.#readers)));
      return null;
    } catch (thrown) {
      return messageOf(thrown).slice(0, REASON_LENGTH_MAX);
    }
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
      this.#ports.challengerLog.finish(
        first,
        segments.map((segment) => silence(segment, "error", "the host stopped while the challenger ran")),
      );
      // A crash takes the main model's answers in flight with it, so there is no third one.
      this.#setFailures(FAILURES_MAX, "it stopped the host while it ran");
    }
  }

  /** One answer shows that the challenger works: whoever sends rows that it does not take can then not have it suspended. */
  #countResult({ answered, failure }: AttemptResult): void {
    if (answered > 0) {
      if (this.#health.consecutiveFailures > 0) this.#setFailures(0, null);
    } else if (failure !== null) this.#setFailures(this.#health.consecutiveFailures + 1, failure);
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
