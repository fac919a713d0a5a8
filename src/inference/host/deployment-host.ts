import { DurableObject } from "cloudflare:workers";
import { LIMITS } from "../../config.ts";
import { database } from "../../db.ts";
import { readCurrentVersion } from "../../deployments/current-version.ts";
import { registerHost } from "../../deployments/register-host.ts";
import type { Session } from "../../engine/runtime.ts";
import { loadedSession, loadSession, type ModelRole } from "../../engine/sessions.ts";
import { AppError, isAppError } from "../../errors.ts";
import { readVerified } from "../../experiments/model-files.ts";
import type { WindowRow } from "../../windows/window-log.ts";
import type { SentActual } from "../records/actuals-log.ts";
import type { BackgroundWork } from "./background-work.ts";
import { challengerStatus } from "./challenger-status.ts";
import { encodeAnswers, type HostAnswer, type HostStatus } from "../spec/host-answer.ts";
import { parseHostName } from "../../deployments/host-name.ts";
import { type DisagreementFilter, findDisagreements } from "../records/find-disagreements.ts";
import { findLabelled, type LabelledFilter, type LabelledRecords } from "../records/labelled-records.ts";
import { loadServingSpec } from "../spec/load-serving-spec.ts";
import { answerBatch, refuseCalls, type WaitingCall } from "./micro-batch.ts";
import { type PackedRows, unpackCalls } from "../spec/packed-rows.ts";
import { type ProbeAnswer, probeModel } from "./probe-model.ts";
import { findRecords, readRecord, type RecordFilter, type RecordPage, type StoredRecord } from "../records/records.ts";
import { clockRuns } from "./run-clock.ts";
import type { ServedModel, ServingSpec } from "../spec/serving-spec.ts";
import { startHost, type StartedHost } from "./start-host.ts";
import { WaitingCalls } from "../spec/waiting-calls.ts";

/** How long a batch waits for further calls at a time. The runtime's timers make about twice of it. */
const GATHER_PAUSE_MS = 1;
/** Where the clock stands still during a run, a pause shows how long it took; one run in so many ms gets one. */
const MEASURE_EVERY_MS = 10_000;

/**
 * Answers the calls of one deployment version in one region, and keeps their records.
 * Calls that arrive while it is busy become one micro-batch: one run, one segment, one commit.
 */
export class DeploymentHost extends DurableObject<Env> {
  #started: Promise<StartedHost> | null = null;
  readonly #waiting = new WaitingCalls<WaitingCall>(
    () => scheduler.wait(GATHER_PAUSE_MS),
    ({ rows }) => rows.count / LIMITS.rowsPerCallMax,
  );
  #background: BackgroundWork | null = null;
  #isAnswering = false;
  #measuredAt = 0;
  readonly #fit = { rows: Number.POSITIVE_INFINITY };
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
      calls.forEach(({ rows, startedAt }, index) => {
        const answer = (said: HostAnswer): void => {
          answers[index] = said;
          left -= 1;
          if (left === 0) resolve(encodeAnswers(answers));
        };
        this.#waiting.push({ rows, startedAt, answer });
      });
      if (!this.#isAnswering) void this.#answerWaiting();
    });
  }

  /** Loads the models, so that the first call finds them; says what keeps it from answering. Nothing is recorded. */
  async warm(): Promise<HostStatus> {
    try {
      const { spec, follower } = await this.#start();
      await this.#mainSession(spec);
      const { challenger } = spec;
      if (!challenger || !follower) return { running: true, reason: null, challenger: null };
      const load = () => this.#session(challenger, "challenger");
      return { running: true, reason: null, challenger: await challengerStatus(follower.health, load) };
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

  /** Runs the main model over rows as for a call, and says what keeps it from answering. Nothing is recorded or counted. */
  probe(rows: PackedRows): Promise<ProbeAnswer> {
    const started = () => this.#start();
    return probeModel(rows, started, (spec) => this.#mainSession(spec));
  }

  /** Records that fit the filter, newest first. */
  async records(filter: RecordFilter): Promise<RecordPage> {
    return findRecords(await this.#start(), filter);
  }

  /** One record; null when this host has none at that place. */
  async record(segment: number, index: number): Promise<StoredRecord | null> {
    const started = await this.#start();
    return readRecord(started, segment, index) ?? started.archive.find(segment, index);
  }

  /** Records on which both models differ most, the furthest apart first. */
  async disagreements(filter: DisagreementFilter): Promise<ReturnType<typeof findDisagreements>> {
    return findDisagreements(await this.#start(), filter);
  }

  /** Keeps actuals of records that are here, and says which positions of `sent` name none. */
  async putActuals(sent: readonly SentActual[]): Promise<number[]> {
    const { log, actuals } = await this.#start();
    const isKnown = ({ segment, index }: SentActual) => index < log.rowsOf(segment);
    actuals.put(sent.filter(isKnown), Date.now());
    return sent.filter((one) => !isKnown(one)).map(({ position }) => position);
  }

  /** Records whose actual is known, the newest first. */
  async labelled(filter: LabelledFilter): Promise<LabelledRecords> {
    return findLabelled(await this.#start(), filter);
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
    await this.#background?.stop();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#started = null;
  }

  /** Windows of this host that are not in the store, all that is recorded by now being counted. */
  async openWindows(): Promise<WindowRow[]> {
    const { background } = await this.#start();
    return background.openWindows();
  }

  /** Brings everything that is counted here to the store. */
  async settle(): Promise<void> {
    const { background } = await this.#start();
    await background.settle();
  }

  override async alarm(): Promise<void> {
    try {
      const { background } = await this.#start();
      await background.alarm();
    } catch (error) {
      // An alarm that throws is repeated six times and then dropped; the next call sets a new one.
      console.error(`alarm of host ${this.ctx.id.name ?? this.ctx.id.toString()}`, error);
    }
  }

  async #answerWaiting(): Promise<void> {
    this.#isAnswering = true;
    let batch: WaitingCall[] = [];
    let started: StartedHost | null = null;
    try {
      started = await this.#start();
      const { spec, background } = started;
      while (this.#waiting.count > 0) {
        await this.#waiting.gather();
        // Only who has not heard of a switch yet calls here then. The store has the last word: the switch may have led here.
        if (!this.#isCurrent) await this.learnCurrent();
        if (!this.#isCurrent) {
          for (const call of this.#waiting.takeAll()) call.answer({ kind: "moved" });
          return;
        }
        if (!loadedSession(spec.main.sha256)) await this.#mainSession(spec);
        batch = this.#waiting.take();
        const measured = await this.#answerBatch(started, batch);
        const answered = batch;
        batch = [];
        background.start();
        await measured?.done;
        // The next batch gathers while this one becomes durable.
        await this.ctx.storage.sync();
        this.#waiting.noteAtHand(answered.length + this.#waiting.count);
      }
    } catch (error) {
      // Those of the batch that have been answered keep their answer.
      const refused = [...batch, ...this.#waiting.takeAll()];
      started?.folder.noteErrors(refused.length);
      refuseCalls(refused, this.#isRemoved ? removed() : error);
    } finally {
      this.#isAnswering = false;
    }
  }

  /**
   * Answers a batch, and notes how long the run took: at once where the clock runs during it, else now and then, by a pause behind the
   * answers (`done`).
   */
  async #answerBatch(
    { spec, log, folder }: StartedHost,
    batch: readonly WaitingCall[],
  ): Promise<{ done: Promise<void> } | null> {
    const startedAt = Date.now();
    const noteErrors = (calls: number) => folder.noteErrors(calls);
    const session = () => loadedSession(spec.main.sha256) ?? this.#mainSession(spec);
    const noteLatencies = (latenciesMs: number[]) => folder.noteLatencies(latenciesMs);
    const ports = { spec, session, log, fit: this.#fit, now: Date.now, noteErrors, noteLatencies };
    const rows = await answerBatch(ports, batch);
    const endedAt = Date.now();
    const isSampled = startedAt - this.#measuredAt >= MEASURE_EVERY_MS;
    if (isSampled) {
      this.#measuredAt = startedAt;
      const memoryBytes = loadedSession(spec.main.sha256)?.memoryBytes;
      if (memoryBytes !== undefined) folder.noteMemory("main", memoryBytes);
    }
    if (clockRuns(startedAt, endedAt)) folder.noteRun("main", endedAt - startedAt, rows);
    else if (isSampled) {
      return { done: scheduler.wait(0).then(() => folder.noteRun("main", Date.now() - startedAt, rows)) };
    }
    return null;
  }

  /** The first call starts the object; a start that fails is tried again by the next one. */
  #start(): Promise<StartedHost> {
    this.#started ??= this.#startOnce().catch((error: unknown) => {
      this.#started = null;
      throw error;
    });
    return this.#started;
  }

  async #startOnce(): Promise<StartedHost> {
    const name = this.#name();
    const { deploymentId, version } = parseHostName(name);
    const db = database(this.env);
    const spec = await loadServingSpec(db, deploymentId, version);
    if (
      !spec ||
      !(await registerHost(db, { name, deploymentId, version, objectId: this.ctx.id.toString(), now: Date.now() }))
    ) {
      throw removed();
    }
    const { kv } = this.ctx.storage;
    if (kv.get("name") === undefined) kv.put("name", name);
    // After it has registered: a switch that comes later finds this host, one that came earlier is seen here.
    if ((await readCurrentVersion(db, deploymentId)) !== version) this.#isCurrent = false;
    // A version that was dropped before it ever answered may leave its number, and with it this object, to a later one.
    this.#isRemoved = false;
    const challengerSession = (model: ServedModel) => this.#session(model, "challenger");
    const started = startHost({ env: this.env, db, ctx: this.ctx, name, challengerSession }, spec);
    this.#background = started.background;
    return started;
  }

  /** An alarm may wake an object with its id alone: then the name is the one it kept when it was first called. */
  #name(): string {
    const name = this.ctx.id.name ?? this.ctx.storage.kv.get<string>("name");
    if (name === undefined) throw new Error("This host does not know its name. It can work again when it is called.");
    return name;
  }

  async #mainSession(spec: ServingSpec): Promise<Session> {
    try {
      const session = await this.#session(spec.main, "main");
      this.#lastFailure = null;
      return session;
    } catch (error) {
      this.#lastFailure = isAppError(error) ? error.message : "The model cannot be loaded now.";
      throw error;
    }
  }

  async #session(model: ServedModel, role: ModelRole): Promise<Session> {
    return loadSession(model.sha256, role, model.heapBytes, () =>
      readVerified(this.env.STORE, model.objectKey, model.sha256),
    );
  }
}

function removed(): AppError {
  return new AppError("not_found", "The deployment was deleted.");
}
