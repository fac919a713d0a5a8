import { DurableObject } from "cloudflare:workers";
import { LIMITS } from "../config.ts";
import { database } from "../db.ts";
import { announceSuspension } from "../deployments/announce-suspension.ts";
import { readCurrentVersion } from "../deployments/current-version.ts";
import { registerHost } from "../deployments/register-host.ts";
import type { Session } from "../engine/runtime.ts";
import { loadedSession, loadSession, type ModelRole } from "../engine/sessions.ts";
import { AppError, isAppError } from "../errors.ts";
import { readVerified } from "../experiments/model-files.ts";
import { ChallengerFollower } from "./challenger-follower.ts";
import { ChallengerLog } from "./challenger-log.ts";
import { encodeAnswers, type HostAnswer, type HostStatus } from "./host-answer.ts";
import { parseHostName } from "../deployments/host-name.ts";
import { loadServingSpec } from "./load-serving-spec.ts";
import { answerBatch, refuseCalls, type WaitingCall } from "./micro-batch.ts";
import { unpackCalls } from "./packed-rows.ts";
import { migrateRecordLog, RecordLog } from "./record-log.ts";
import { findRecords, readRecord, type RecordFilter, type RecordPage, type StoredRecord } from "./records.ts";
import type { ServedModel, ServingSpec } from "./serving-spec.ts";
import { WaitingCalls } from "./waiting-calls.ts";

/** How long a batch waits for further calls at a time. The runtime's timers make about twice of it. */
const GATHER_PAUSE_MS = 1;
/** How long the challenger lets records gather before it runs over them: fewer, larger writes, and never a wait for a caller. */
const CHALLENGER_PAUSE_MS = 250;
/** An object that dies with work left is woken after this long. */
const ALARM_MS = 10_000;

/** What a host has once it has started: the spec never changes, because a host serves one version. */
interface Started {
  spec: ServingSpec;
  log: RecordLog;
  challengerLog: ChallengerLog;
  follower: ChallengerFollower | null;
}

/**
 * Answers the calls of one deployment version in one region, and keeps their records.
 * Calls that arrive while it is busy become one micro-batch: one run, one segment, one commit.
 */
export class DeploymentHost extends DurableObject<Env> {
  #started: Promise<Started> | null = null;
  readonly #waiting = new WaitingCalls<WaitingCall>(
    () => scheduler.wait(GATHER_PAUSE_MS),
    ({ rows }) => rows.count / LIMITS.rowsPerCallMax,
  );
  #isAnswering = false;
  #isFollowing = false;
  #alarmAt = 0;
  #isRemoved = false;
  /** False once another version is known to be current. */
  #isCurrent = true;
  /** Why the main model could not be loaded the last time it was wanted; null when it could. */
  #lastFailure: string | null = null;

  /** Answers calls of packCalls, by encodeAnswers. The answers leave only when their records are durable. */
  predict(heads: string, numbers: Float64Array): Promise<string> {
    return new Promise((resolve) => {
      const calls = unpackCalls({ heads, numbers });
      const answers: HostAnswer[] = [];
      let left = calls.length;
      const arrivedAt = Date.now();
      calls.forEach((rows, index) => {
        const answer = (said: HostAnswer): void => {
          answers[index] = said;
          left -= 1;
          if (left === 0) resolve(encodeAnswers(answers));
        };
        this.#waiting.push({ rows, arrivedAt, answer });
      });
      if (!this.#isAnswering) void this.#answerWaiting();
    });
  }

  /** Loads the models, so that the first call finds them; says what keeps it from answering. Nothing is recorded. */
  async warm(): Promise<HostStatus> {
    try {
      const { spec, follower } = await this.#start();
      await this.#mainSession(spec);
      if (!spec.challenger || !follower) return { running: true, reason: null, challenger: null };
      return { running: true, reason: null, challenger: await this.#challengerStatus(spec.challenger, follower) };
    } catch (error) {
      if (!isAppError(error)) throw error;
      return { running: false, reason: error.message, challenger: null };
    }
  }

  /** Whether calls would be answered now: the main model is loaded, or its file is there to be loaded. Loads nothing. */
  async answers(): Promise<{ running: boolean; reason: string | null }> {
    try {
      const { spec } = await this.#start();
      if (this.#lastFailure !== null) return { running: false, reason: this.#lastFailure };
      if (loadedSession(spec.main.sha256)) return { running: true, reason: null };
      const file = await this.env.STORE.head(spec.main.objectKey);
      return file
        ? { running: true, reason: null }
        : { running: false, reason: "The file of the model is missing from the store." };
    } catch (error) {
      if (!isAppError(error)) throw error;
      return { running: false, reason: error.message };
    }
  }

  /** Records that fit the filter, newest first. */
  async records(filter: RecordFilter): Promise<RecordPage> {
    const { spec, log, challengerLog } = await this.#start();
    return findRecords({ spec, log, challengerLog }, filter);
  }

  /** One record; null when this host has none at that place. */
  async record(segment: number, index: number): Promise<StoredRecord | null> {
    const { spec, log, challengerLog } = await this.#start();
    return readRecord({ spec, log, challengerLog }, segment, index);
  }

  /** Reads which version is current: told to the hosts of both versions after a switch, before its answer leaves. */
  async learnCurrent(): Promise<void> {
    const { spec } = await this.#start();
    this.#isCurrent = (await readCurrentVersion(database(this.env), spec.deploymentId)) === spec.version;
  }

  /** Forgets everything: part of the removal of a deployment. Repeating is safe. */
  async destroy(): Promise<void> {
    // What is under way finds its tables gone from here on.
    this.#isRemoved = true;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#started = null;
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = 0;
    try {
      const { follower } = await this.#start();
      // A loop that is at work may still die, so an alarm stays set behind it.
      if (this.#isFollowing) await this.#setAlarm();
      else if (follower) await this.#catchUpAlone(follower);
    } catch (error) {
      // An alarm that throws is repeated six times and then dropped; the next call sets a new one.
      console.error(`alarm of host ${this.ctx.id.name ?? ""}`, error);
    }
  }

  async #answerWaiting(): Promise<void> {
    this.#isAnswering = true;
    let batch: WaitingCall[] = [];
    try {
      const { spec, log, follower } = await this.#start();
      while (this.#waiting.count > 0) {
        await this.#waiting.gather();
        // Only who has not heard of a switch yet calls here then. The store has the last word: the switch may have led here.
        if (!this.#isCurrent) await this.learnCurrent();
        if (!this.#isCurrent) {
          for (const call of this.#waiting.takeAll()) call.answer({ kind: "moved" });
          return;
        }
        const session = loadedSession(spec.main.sha256) ?? (await this.#mainSession(spec));
        batch = this.#waiting.take();
        answerBatch({ spec, session, log, now: Date.now }, batch);
        const answered = batch;
        batch = [];
        if (follower) this.#follow(follower);
        // The next batch gathers while this one becomes durable.
        await this.ctx.storage.sync();
        this.#waiting.noteAtHand(answered.length + this.#waiting.count);
      }
    } catch (error) {
      // Those of the batch that have been answered keep their answer.
      refuseCalls([...batch, ...this.#waiting.takeAll()], this.#isRemoved ? removed() : error);
    } finally {
      this.#isAnswering = false;
    }
  }

  /** Lets the challenger run after the answers have left; one loop at a time. */
  #follow(follower: ChallengerFollower): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    this.ctx.waitUntil(this.#followUntilDone(follower));
  }

  async #catchUpAlone(follower: ChallengerFollower): Promise<void> {
    this.#isFollowing = true;
    try {
      do await follower.catchUp();
      while (follower.isBehind);
    } finally {
      this.#isFollowing = false;
    }
  }

  async #followUntilDone(follower: ChallengerFollower): Promise<void> {
    try {
      await this.#setAlarm();
      while (follower.isBehind && !this.#isRemoved) {
        await scheduler.wait(CHALLENGER_PAUSE_MS);
        if (!this.#isRemoved) await follower.catchUp();
      }
    } catch (error) {
      // The records say "pending" until the alarm tries again.
      if (!this.#isRemoved) console.error(`challenger of host ${this.ctx.id.name ?? ""}`, error);
    } finally {
      this.#isFollowing = false;
    }
  }

  async #setAlarm(): Promise<void> {
    if (this.#alarmAt > Date.now()) return;
    this.#alarmAt = Date.now() + ALARM_MS;
    await this.ctx.storage.setAlarm(this.#alarmAt);
  }

  /** The first call starts the object; a start that fails is tried again by the next one. */
  #start(): Promise<Started> {
    this.#started ??= this.#startOnce().catch((error: unknown) => {
      this.#started = null;
      throw error;
    });
    return this.#started;
  }

  async #startOnce(): Promise<Started> {
    const name = this.ctx.id.name;
    if (name === undefined) throw new Error("a host is reached by its name");
    const { deploymentId, version } = parseHostName(name);
    const db = database(this.env);
    const spec = await loadServingSpec(db, deploymentId, version);
    if (!spec || !(await registerHost(db, { name, deploymentId, version, now: Date.now() }))) {
      throw removed();
    }
    // After it has registered: a switch that comes later finds this host, one that came earlier is seen here.
    if ((await readCurrentVersion(db, deploymentId)) !== version) this.#isCurrent = false;
    const log = this.ctx.storage.transactionSync(() => {
      migrateRecordLog(this.ctx.storage.sql);
      return new RecordLog(this.ctx.storage.sql, spec.features);
    });
    const challengerLog = new ChallengerLog(this.ctx.storage.sql);
    // A version that was dropped before it ever answered may leave its number, and with it this object, to a later one.
    this.#isRemoved = false;
    const follower = spec.challenger ? this.#makeFollower(spec, spec.challenger, log, challengerLog) : null;
    return { spec, log, challengerLog, follower };
  }

  #makeFollower(
    spec: ServingSpec,
    model: ServedModel,
    log: RecordLog,
    challengerLog: ChallengerLog,
  ): ChallengerFollower {
    return new ChallengerFollower({
      log,
      challengerLog,
      features: spec.features,
      model,
      session: () => this.#session(model, "challenger"),
      yieldToCalls: () => scheduler.wait(0),
      durable: () => this.ctx.storage.sync(),
      now: Date.now,
      announceSuspension: (health) => announceSuspension(database(this.env), spec, health),
    });
  }

  async #mainSession(spec: ServingSpec): Promise<Session> {
    try {
      const session = await this.#session(spec.main, "main");
      this.#lastFailure = null;
      return session;
    } catch (error) {
      this.#lastFailure = isAppError(error) ? error.message : "The model cannot be loaded just now.";
      throw error;
    }
  }

  async #session(model: ServedModel, role: ModelRole): Promise<Session> {
    return loadSession(model.sha256, role, model.heapBytes, () =>
      readVerified(this.env.STORE, model.objectKey, model.sha256),
    );
  }

  async #challengerStatus(
    model: ServedModel,
    follower: ChallengerFollower,
  ): Promise<NonNullable<HostStatus["challenger"]>> {
    const { suspendedAt, suspendedReason } = follower.health;
    if (suspendedAt !== null) return { running: false, reason: suspendedReason, suspendedAt };
    try {
      await this.#session(model, "challenger");
      return { running: true, reason: null, suspendedAt: null };
    } catch (error) {
      if (!isAppError(error)) throw error;
      return { running: false, reason: error.message, suspendedAt: null };
    }
  }
}

function removed(): AppError {
  return new AppError("not_found", "The deployment has been removed.");
}
