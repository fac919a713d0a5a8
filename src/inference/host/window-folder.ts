import type { ModelRole } from "../../windows/answer-counts.ts";
import { addCounts, type Counts, type Window } from "../../windows/counts.ts";
import { addUsage, countLatencies } from "../../windows/usage-counts.ts";
import type { RecordSource, Watermarks, WindowLog } from "../../windows/window-log.ts";
import type { ChallengerLog, SegmentOutputs } from "../records/challenger-log.ts";
import { countChallenger, countMain, type FoldPlan } from "../records/count-records.ts";
import type { RecordLog } from "../records/record-log.ts";
import type { Segment } from "../records/segment.ts";

export interface FolderPorts {
  log: RecordLog;
  challengerLog: ChallengerLog;
  windowLog: WindowLog;
  /** The last segment that the challenger is done with; null without a challenger. */
  challengerDone: (() => number) | null;
  plan: () => Promise<FoldPlan>;
  yieldToCalls: () => Promise<void>;
  now: () => number;
}

/** Rows counted at a time: a call that comes meanwhile waits for no more than these. */
const ROWS_PER_SLICE = 500;
/** Records gather for this long before they are counted; who reads windows has them counted at once. */
const PAUSE_MS = 2_000;

/**
 * Counts the recorded rows of a host into its windows, behind the answers: each row once, whatever dies in between, because the
 * watermarks move in the transaction that keeps the counts. The challenger's side has a watermark of its own, so that
 * it never holds up the rest.
 */
export class WindowFolder {
  readonly #ports: FolderPorts;
  #marks: Watermarks;
  #countedAt = 0;
  /** What was noted of calls and the machine since the last fold; a crash loses it, and nothing but that. */
  #usage: Counts = new Map();
  #underWay: Promise<void> | null = null;

  constructor(ports: FolderPorts) {
    this.#ports = ports;
    this.#marks = ports.windowLog.watermarks();
  }

  get isBehind(): boolean {
    const { main, challenger } = this.#marks;
    return main < this.#ports.log.lastId || challenger < this.#challengerDone() || this.#usage.size > 0;
  }

  /** True when what has gathered is to be counted. */
  get isDue(): boolean {
    return this.isBehind && this.#ports.now() - this.#countedAt >= PAUSE_MS;
  }

  noteRun(role: ModelRole, measuredMs: number, measuredRows: number): void {
    addUsage(this.#usage, role, { measuredMs, measuredRows });
  }

  noteErrors(calls: number): void {
    addUsage(this.#usage, "main", { errors: calls });
  }

  noteMemory(role: ModelRole, memoryBytes: number): void {
    addUsage(this.#usage, role, { memoryBytes, memoryLooks: 1 });
  }

  noteLatencies(latenciesMs: readonly number[]): void {
    if (latenciesMs.length > 0) countLatencies(this.#usage, latenciesMs);
  }

  /** Counts all that is recorded by now. Whoever asks while it is being done waits for that, and then for what came since. */
  async catchUp(): Promise<void> {
    while (this.#underWay) await this.#underWay;
    this.#underWay = this.#countAll();
    try {
      await this.#underWay;
    } finally {
      this.#underWay = null;
    }
  }

  async #countAll(): Promise<void> {
    const { log, windowLog, plan, now, yieldToCalls } = this.#ports;
    if (!this.isBehind) return;
    const fold = await plan();
    const lastWanted = log.lastId;
    const done = this.#challengerDone();
    // Segments that were counted before the challenger was done with them are read once more.
    let from = this.#marks.challenger < done ? Math.min(this.#marks.main, this.#marks.challenger) : this.#marks.main;
    while (from < lastWanted) {
      const segments = log.readAfter(from, ROWS_PER_SLICE);
      const last = segments.at(-1)?.id;
      if (last === undefined) break;
      const marks = {
        main: Math.max(this.#marks.main, last),
        challenger: Math.max(this.#marks.challenger, Math.min(last, done)),
      };
      windowLog.fold(marks, (windowAt) => this.#countSegments(fold, segments, marks, windowAt));
      this.#marks = marks;
      // Between what the challenger has done and what main has counted, nothing is to be counted yet.
      from = last < done ? last : Math.max(last, this.#marks.main);
      if (from < lastWanted) await yieldToCalls();
    }
    if (this.#usage.size > 0) this.#keepUsage();
    this.#countedAt = now();
  }

  #countSegments(
    plan: FoldPlan,
    segments: readonly Segment[],
    until: Watermarks,
    windowAt: (atMs: number, source: RecordSource) => Window,
  ): void {
    const { main, challenger } = this.#marks;
    const [first] = segments;
    const outputs = first ? this.#ports.challengerLog.between(first.id, until.challenger) : new Map();
    for (const segment of segments) {
      const window = windowAt(segment.at, segment.source);
      if (segment.id > main) countMain(plan, segment, window);
      const said: SegmentOutputs | undefined = outputs.get(segment.id);
      if (said && segment.id > challenger) countChallenger(plan, segment, said, window);
    }
  }

  #keepUsage(): void {
    const { windowLog, now } = this.#ports;
    const usage = this.#usage;
    this.#usage = new Map();
    windowLog.fold(this.#marks, (windowAt) => addCounts(windowAt(now(), "online").usage, usage));
  }

  #challengerDone(): number {
    return this.#ports.challengerDone?.() ?? this.#marks.main;
  }
}
