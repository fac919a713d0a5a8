import type { WorkflowStep } from "cloudflare:workers";
import { readConfig } from "../../config.ts";
import { type Database, database } from "../../db.ts";
import { loadServingSpec } from "../../inference/spec/load-serving-spec.ts";
import type { ServingSpec } from "../../inference/spec/serving-spec.ts";
import {
  hasRunResult,
  readRunResult,
  type ResultColumn,
  resultParquetKey,
  type RunResult,
  writeRunResult,
} from "../../inference/batch/run-result.ts";
import { writeWindows } from "../../windows/push-windows.ts";
import { windowsOfMoment } from "../../windows/window-log.ts";
import { writeParquet } from "../results/write-parquet.ts";
import type { Delivered } from "../delivery/delivered-file.ts";
import { sourceKey, type Staged } from "../sources/staged.ts";
import { SourceError } from "../sources/source-error.ts";
import { assemble } from "./assemble.ts";
import { batchHost } from "./batch-host.ts";
import { deliverRun } from "./deliver-run.ts";
import { notifyRun } from "./notify-run.ts";
import { cellWarnings, numberWarnings, requireReadable } from "./cell-warnings.ts";
import { columnWarnings } from "./feature-columns.ts";
import { plannedShapes } from "./planned-shape.ts";
import { knownFailure, lastFailure, NOTHING_PREDICTED, type RunFailure } from "./run-failure.ts";
import {
  beginRun,
  type DeliveryRow,
  finishRun,
  listDeliveries,
  noteDelivery,
  noteFiles,
  noteRowsDone,
  noteStaged,
  noteStep,
  type RunTask,
} from "./run-progress.ts";
import { attempt, Cancelled, continueOnly, INSIDE, OUTSIDE } from "./run-step.ts";
import { sourceColumns, stageRun } from "./stage-run.ts";
import { startNextRun } from "./start-next-run.ts";

const LOOK_PAUSE = "15 seconds";

/** The rows of a run, as its further steps need them: the ranges are many, but the result of a step may have a megabyte. */
interface StagedRun {
  staged: Staged;
  columns: ResultColumn[];
  /** Experiment version of the main model, by whose bins the rows are counted. */
  referenceId: string;
}

/**
 * One attempt at a run: stage, predict the ranges, assemble the files, deliver them, tell how it ended. Each step is safe to repeat,
 * and finds what an earlier attempt has done, so that a retry goes on from where the run stopped.
 */
export class RunExecution {
  readonly #env: Env;
  readonly #db: Database;
  readonly #step: WorkflowStep;

  constructor(env: Env, step: WorkflowStep) {
    this.#env = env;
    this.#db = database(env);
    this.#step = step;
  }

  /** Carries the run out to its end, whatever that is; what cannot be known to have failed for good is thrown by no step of it. */
  async run(runId: string): Promise<void> {
    const task = await this.#begin(runId);
    if (!task) return;
    const failure = await this.#carryOut(task);
    if (failure === "cancelled") return;
    await this.#step.do("finish", INSIDE, () => finishRun(this.#db, runId, failure, Date.now()));
    await this.#step.do("start the next run", INSIDE, () => startNextRun(this.#env, this.#db, runId));
    await this.#step.do("notify", INSIDE, () => notifyRun(this.#env, this.#db, runId, Date.now()));
  }

  /** Waits for runs that have come before it all the same: who started it has looked, and another one may have begun since. */
  async #begin(runId: string): Promise<RunTask | null> {
    for (let look = 1; ; look += 1) {
      const name = look === 1 ? "begin" : `begin ${look}`;
      const begun = await this.#step.do(name, INSIDE, () => beginRun(this.#db, runId, Date.now()));
      if (begun !== "waiting") return begun;
      await this.#step.sleep(`wait ${look}`, LOOK_PAUSE);
    }
  }

  /** What the run has failed with; null: with nothing. */
  async #carryOut(task: RunTask): Promise<RunFailure | "cancelled" | null> {
    try {
      const isAssembled = await this.#step.do("look", INSIDE, () => hasRunResult(this.#env.STORE, task.runId));
      const failure = isAssembled ? null : await this.#predict(task);
      return failure ?? (await this.#complete(task)) ?? (await this.#deliver(task));
    } catch (error) {
      if (error instanceof Cancelled) return "cancelled";
      return lastFailure(error);
    }
  }

  async #predict(task: RunTask): Promise<RunFailure | null> {
    const brought = await attempt(this.#step, "stage", OUTSIDE, () => this.#stage(task));
    if ("failed" in brought) return brought.failed;
    const { staged } = brought.done;
    const predicted = await this.#predictRanges(task, staged);
    if (predicted) return predicted;
    await this.#enter(task, "assembling");
    const assembled = await attempt(this.#step, "assemble", INSIDE, () => this.#assemble(task, brought.done));
    return "failed" in assembled ? assembled.failed : null;
  }

  /**
   * Writes the files once more as Parquet, and lets go of the copy of the source. A run that has answered no row has nothing to deliver.
   */
  async #complete(task: RunTask): Promise<RunFailure | null> {
    for (const role of ["main", "challenger"] as const) {
      const written = await attempt(this.#step, `parquet of ${role}`, INSIDE, () => this.#writeParquet(task, role));
      if ("failed" in written) return written.failed;
    }
    await this.#step.do("tidy", INSIDE, () => this.#tidy(task.runId));
    return this.#step.do("look for answers", INSIDE, () => this.#nothingPredicted(task));
  }

  async #nothingPredicted({ runId }: RunTask): Promise<RunFailure | null> {
    const { rows, main } = await this.#result(runId);
    if (rows === 0 || main.rows > 0) return null;
    const which = rows === 1 ? "The only row could not" : `None of the ${rows.toLocaleString("en")} rows could`;
    return { code: NOTHING_PREDICTED, message: `${which} be predicted: see the errors file. Nothing was delivered.` };
  }

  async #result(runId: string): Promise<RunResult> {
    const result = await readRunResult(this.#env.STORE, runId);
    if (!result) throw new Error(`the result of ${runId} is gone`);
    return result;
  }

  async #stage(task: RunTask): Promise<StagedRun> {
    continueOnly(await noteStep(this.#db, task.runId, "staging", Date.now()));
    const spec = await this.#spec(task);
    const staged = await stageRun({ env: this.#env, db: this.#db }, task, spec);
    const warnings = [...columnWarnings(staged.columns, spec), ...numberWarnings(staged, spec)];
    continueOnly(await noteStaged(this.#db, task.runId, { rows: staged.rows, warnings }));
    return {
      staged,
      columns: sourceColumns(staged, spec),
      referenceId: spec.main.experimentVersion.id,
    };
  }

  async #spec({ deploymentId, version }: RunTask): Promise<ServingSpec> {
    const spec = await loadServingSpec(this.#db, deploymentId, version);
    if (!spec) throw new SourceError("deployment_gone", "The deployment has been removed before the run was done.");
    return spec;
  }

  /** All ranges, spread over the hosts; each host has one at a time. */
  async #predictRanges(task: RunTask, staged: Staged): Promise<RunFailure | null> {
    await this.#enter(task, "predicting");
    const { batchShards } = readConfig(this.#env);
    const { ranges, ...layout } = staged;
    const done = { rows: 0, failed: 0 };
    let failure: RunFailure | null = null;
    const lane = async (shard: number): Promise<void> => {
      const name = { deploymentId: task.deploymentId, version: task.version, shard };
      for (const [index, range] of ranges.entries()) {
        if (index % batchShards !== shard) continue;
        if (failure) return;
        const said = await attempt(this.#step, `predict ${index}`, INSIDE, async () => {
          const job = { runId: task.runId, index, staged: layout, range };
          const outcome = await batchHost(this.#env, name).predictRange(name, job);
          const soFar = { rows: done.rows + outcome.rows, failed: done.failed + outcome.failed };
          continueOnly(await noteRowsDone(this.#db, task.runId, soFar));
          return { rows: outcome.rows, failed: outcome.failed };
        });
        if ("failed" in said) {
          failure = said.failed;
          return;
        }
        done.rows += said.done.rows;
        done.failed += said.done.failed;
      }
    };
    await Promise.all(Array.from({ length: Math.min(batchShards, ranges.length) }, (_, shard) => lane(shard)));
    return failure;
  }

  /** Puts the files together and counts the rows. */
  async #assemble(task: RunTask, { staged, columns, referenceId }: StagedRun): Promise<void> {
    const spec = await this.#spec(task);
    const { result, window, cells } = await assemble(this.#env.STORE, {
      ...task,
      sourceColumns: columns,
      ranges: staged.ranges.length,
      shapes: await plannedShapes(this.#env.STORE, spec),
    });
    const { deploymentId, version, runId, at } = task;
    const warnings = [...columnWarnings(staged.columns, spec), ...cellWarnings(cells, staged, spec)];
    // Before anything is counted, kept or delivered: answers to rows without a feature that all of them have are wrong.
    if (result.main.rows > 0) {
      continueOnly(await noteStaged(this.#db, runId, { rows: staged.rows, warnings }));
      requireReadable(cells);
    }
    const writer = { deploymentId, version, place: runId };
    await writeWindows(this.#db, writer, windowsOfMoment(at, { source: "batch", referenceId }, window));
    await noteRowsDone(this.#db, runId, { rows: result.rows, failed: result.rows - result.main.rows });
    continueOnly(await noteFiles(this.#db, runId, filesOf(result), warnings));
    // The last of it: another attempt that finds the result takes all of the above for done.
    await writeRunResult(this.#env.STORE, result);
  }

  async #writeParquet({ runId }: RunTask, role: "main" | "challenger"): Promise<void> {
    const result = await this.#result(runId);
    if (role === "challenger" && !result.challenger) return;
    // An earlier attempt may have written it: it is there as a whole or not at all.
    if (await this.#env.STORE.head(resultParquetKey(runId, role))) return;
    await writeParquet(this.#env.STORE, result, role);
  }

  /** Removes the copy of the source: its columns are in the files. */
  async #tidy(runId: string): Promise<void> {
    await this.#env.STORE.delete(sourceKey(runId));
  }

  /** Each delivery by itself: one that fails keeps none of the others from arriving. */
  async #deliver(task: RunTask): Promise<RunFailure | null> {
    const waiting = await this.#step.do("destinations", INSIDE, async () =>
      (await listDeliveries(this.#db, task.runId)).filter(({ state }) => state !== "succeeded"),
    );
    if (waiting.length === 0) return null;
    await this.#enter(task, "delivering");
    const failures: RunFailure[] = [];
    for (const delivery of waiting) {
      const said = await attempt(this.#step, `deliver ${delivery.position}`, OUTSIDE, () =>
        this.#deliverTo(task, delivery),
      );
      const failure = "failed" in said ? said.failed : null;
      const { rows, notes } = "done" in said ? said.done : { rows: null, notes: [] };
      if (failure) failures.push(failure);
      const state = failure ? "failed" : "succeeded";
      await this.#step.do(`delivered ${delivery.position}`, INSIDE, () =>
        noteDelivery(this.#db, delivery, { state, rows, failure, notes }, Date.now()),
      );
    }
    return deliveryFailure(failures, waiting.length);
  }

  async #deliverTo(task: RunTask, delivery: DeliveryRow): Promise<Delivered> {
    continueOnly(await noteStep(this.#db, task.runId, "delivering", Date.now()));
    await noteDelivery(this.#db, delivery, { state: "running", rows: null, failure: null }, Date.now());
    try {
      return await deliverRun({ env: this.#env, db: this.#db }, task, delivery);
    } catch (error) {
      const failure = knownFailure(error);
      // Seen on the page while the next attempt is waited for; what is known to fail for good is noted at the end.
      if (failure?.isPassing)
        await noteDelivery(this.#db, delivery, { state: "running", rows: null, failure }, Date.now());
      throw error;
    }
  }

  async #enter(task: RunTask, at: "predicting" | "assembling" | "delivering"): Promise<void> {
    const goesOn = await this.#step.do(`begin ${at}`, INSIDE, () => noteStep(this.#db, task.runId, at, Date.now()));
    continueOnly(goesOn);
  }
}

function filesOf({ main, challenger, errors }: RunResult) {
  return {
    main: { rows: main.rows, bytes: main.bytes },
    challenger: challenger && { rows: challenger.rows, bytes: challenger.bytes },
    errors,
  };
}

function deliveryFailure(failures: readonly RunFailure[], destinations: number): RunFailure | null {
  const [first] = failures;
  if (!first) return null;
  const which =
    destinations === 1 ? "The files were not delivered" : `${failures.length} of ${destinations} deliveries failed`;
  return {
    code: "delivery_failed",
    message: `${which}: ${first.message} The files are kept; retry delivers them again.`,
  };
}
