import { HOUR_MS } from "../../lib/time.ts";
import type { WindowLog, WindowRow } from "../../windows/window-log.ts";
import type { RecordArchive } from "../records/record-archive.ts";
import type { ChallengerFollower } from "./challenger-follower.ts";
import type { WindowFolder } from "./window-folder.ts";

/** How long records gather before the challenger runs over them: fewer, larger writes, and never a wait for a caller. */
const PAUSE_MS = 250;
/** An object that dies with work left is woken after this long. */
const ALARM_MS = 10_000;
/** Windows that are still open are pushed after so long without a call: then nobody has to ask this object for them. */
const IDLE_MS = 60_000;

export interface BackgroundPorts {
  name: string;
  storage: DurableObjectStorage;
  waitUntil: (work: Promise<unknown>) => void;
  follower: ChallengerFollower | null;
  folder: WindowFolder;
  windowLog: WindowLog;
  archive: RecordArchive;
  /** Writes windows to the store; `isAll`: there are no others. */
  push: (rows: readonly WindowRow[], isAll: boolean) => Promise<void>;
  /** Tells readers that there are windows here that are not in the store. */
  noteUnpushed: (sinceMs: number) => Promise<void>;
  now: () => number;
}

/**
 * What a host does behind its answers: it lets the challenger run, counts records into windows, and pushes these to the store. One loop
 * at a time does it, and an alarm stands behind the loop, because an object may die between any two steps. Nothing here fails a call.
 */
export class BackgroundWork {
  readonly #ports: BackgroundPorts;
  #isWorking = false;
  #isStopped = false;
  #alarmAt = 0;
  #lastCallAt: number;
  /** Readers have been told that there is something here to ask for. */
  #isNoted = false;
  #pushing: Promise<void> = Promise.resolve();

  constructor(ports: BackgroundPorts) {
    this.#ports = ports;
    this.#lastCallAt = ports.now();
  }

  /** Called when a batch has been answered. */
  start(): void {
    this.#lastCallAt = this.#ports.now();
    if (!this.#isNoted) this.#note();
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#ports.waitUntil(this.#workUntilDone());
  }

  /**
   * Works off what is left and pushes what is due; sets the next alarm while anything is left. Never throws: an alarm that does is
   * repeated six times and then dropped.
   */
  async alarm(): Promise<void> {
    this.#alarmAt = 0;
    try {
      // A loop that is at work may still die, so an alarm stays set behind it.
      if (this.#isWorking) await this.#setAlarm(ALARM_MS);
      else await this.#workAlone();
      const isIdle = this.#ports.now() - this.#lastCallAt >= IDLE_MS;
      await this.#push(isIdle);
      await this.#archiveDue();
    } catch (error) {
      if (!this.#isStopped) console.error(`alarm of host ${this.#ports.name}`, error);
    }
    if (this.#isStopped) return;
    if (this.#hasWork()) await this.#setAlarm(this.#isWorking ? ALARM_MS : IDLE_MS);
    else await this.#setAlarmForArchive();
  }

  /** Counts what is recorded by now, and answers the windows that are not in the store. */
  async openWindows(): Promise<WindowRow[]> {
    await this.#ports.folder.catchUp();
    return this.#ports.windowLog.unpushed(this.#ports.now(), true);
  }

  /** Works off and pushes everything, open windows too; what the challenger is still at comes by the alarm. */
  async settle(): Promise<void> {
    if (this.#isWorking) await this.#ports.folder.catchUp();
    else await this.#workAlone();
    // Others may have noted that something is here, so that this is to be taken back even if nothing is.
    this.#isNoted = true;
    await this.#push(true);
  }

  /** Ends the work and waits for a push that is under way, so that nothing is written afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    try {
      await this.#pushing;
    } catch (error) {
      console.error(`last push of host ${this.#ports.name}`, error);
    }
  }

  async #workUntilDone(): Promise<void> {
    const { follower, folder, name } = this.#ports;
    try {
      await this.#setAlarm(ALARM_MS);
      while ((follower?.isBehind || folder.isBehind) && !this.#isStopped) {
        await scheduler.wait(PAUSE_MS);
        if (this.#isStopped) return;
        if (follower?.isBehind) await follower.catchUp();
        if (folder.isDue) await folder.catchUp();
      }
    } catch (error) {
      // The records say "pending", and are not counted, until the alarm tries again.
      if (!this.#isStopped) console.error(`background work of host ${name}`, error);
    } finally {
      this.#isWorking = false;
    }
  }

  async #workAlone(): Promise<void> {
    this.#isWorking = true;
    try {
      const { follower, folder } = this.#ports;
      while (follower?.isBehind) await follower.catchUp();
      await folder.catchUp();
    } finally {
      this.#isWorking = false;
    }
  }

  /** One push at a time, in order. */
  async #push(open: boolean): Promise<void> {
    const before = this.#pushing;
    const push = async () => {
      // Whoever asked for that one is told of its failure.
      await before.catch(() => undefined);
      if (!this.#isStopped) await this.#pushNow(open);
    };
    this.#pushing = push();
    await this.#pushing;
  }

  async #pushNow(open: boolean): Promise<void> {
    const { follower, folder, windowLog, now, push } = this.#ports;
    const rows = windowLog.unpushed(now(), open);
    const isAll = open && !folder.isBehind && !follower?.isBehind;
    if (rows.length === 0 && !(isAll && this.#isNoted)) return;
    if (isAll) this.#isNoted = false;
    await push(rows, isAll);
    windowLog.markPushed(rows);
    if (!folder.isBehind) windowLog.prune(now());
  }

  async #archiveDue(): Promise<void> {
    const { archive, windowLog, now } = this.#ports;
    const dueAt = archive.dueAt();
    if (dueAt !== null && dueAt <= now()) await archive.archiveDue(now(), windowLog.watermarks());
  }

  async #setAlarmForArchive(): Promise<void> {
    const { archive, now } = this.#ports;
    const dueAt = archive.dueAt();
    // Not by the second: what becomes due together goes together.
    if (dueAt !== null) await this.#setAlarm(Math.max(dueAt - now(), 0) + HOUR_MS);
  }

  #hasWork(): boolean {
    const { follower, folder, windowLog } = this.#ports;
    return (follower?.isBehind ?? false) || folder.isBehind || windowLog.hasUnpushed();
  }

  #note(): void {
    this.#isNoted = true;
    const { noteUnpushed, now, name, waitUntil } = this.#ports;
    const note = async () => {
      try {
        await this.#pushing.catch(() => undefined);
        await noteUnpushed(now());
      } catch (error) {
        // The current version is asked in any case, and the alarm pushes what is here.
        console.error(`host ${name} was not noted as unpushed`, error);
        this.#isNoted = false;
      }
    };
    waitUntil(note());
  }

  async #setAlarm(afterMs: number): Promise<void> {
    const now = this.#ports.now();
    const wanted = now + afterMs;
    // One that comes earlier will do: it sets the next one.
    if (this.#alarmAt > now && this.#alarmAt <= wanted) return;
    this.#alarmAt = wanted;
    await this.#ports.storage.setAlarm(wanted);
  }
}
