import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from "cloudflare:workers";
import { readConfig } from "../../config.ts";
import { type Database, database } from "../../db.ts";
import { loadServingSpec } from "../../inference/load-serving-spec.ts";
import { readRunResult, type ResultColumn, type RunResult } from "../../inference/batch/run-result.ts";
import { deleteFiles } from "../../experiments/model-files.ts";
import { writeWindows } from "../../windows/push-windows.ts";
import { windowsOfMoment } from "../../windows/window-log.ts";
import { writeParquet } from "../results/write-parquet.ts";
import { sourceKey, type Staged } from "../sources/staged.ts";
import { SourceError } from "../sources/source-error.ts";
import { assemble } from "./assemble.ts";
import { batchHost } from "./batch-host.ts";
import { deliverRun } from "./deliver-run.ts";
import { notifyRun } from "./notify-run.ts";
import { rangesPrefix } from "./range-files.ts";
import { knownFailure, lastFailure, type RunFailure } from "./run-failure.ts";
import {
  beginRun,
  type DeliveryRow,
  finishRun,
  listDeliveries,
  noteDelivery,
  noteFiles,
  noteRowsDone,
  noteRowsTotal,
  noteStep,
  type RunTask,
} from "./run-progress.ts";
import { attempt, Cancelled, continueOnly, INSIDE, OUTSIDE } from "./run-step.ts";
import { sourceColumns, stageRun } from "./stage-run.ts";

/** What a run is started with. */
export interface RunParams {
  runId: string;
}

/** The rows of a run, as its further steps need them: the ranges are many, but the result of a step may have a megabyte. */
interface StagedRun {
  staged: Staged;
  columns: ResultColumn[];
  hasChallenger: boolean;
  /** Experiment version of the main model, by whose bins the rows are counted. */
  referenceId: string;
}

/**
 * One attempt at a run: stage, predict the ranges, assemble the files, deliver them, tell how it ended. Each step is safe to repeat,
 * and finds what an earlier attempt has done, so that a retry goes on from where the run stopped.
 */
export class RunWorkflow extends WorkflowEntrypoint<Env, RunParams> {
  #db: Database = database(this.env);

  override async run({ payload: { runId } }: Readonly<WorkflowEvent<RunParams>>, step: WorkflowStep): Promise<void> {
    const task = await step.do("begin", INSIDE, () => beginRun(this.#db, runId, Date.now()));
    if (!task) return;
    const failure = await this.#carryOut(task, step);
    if (failure === "cancelled") return;
    await step.do("finish", INSIDE, () => finishRun(this.#db, runId, failure, Date.now()));
    await step.do("notify", INSIDE, () => notifyRun(this.env, this.#db, runId, Date.now()));
  }

  /** What the run has failed with; null: with nothing. */
  async #carryOut(task: RunTask, step: WorkflowStep): Promise<RunFailure | "cancelled" | null> {
    try {
      const isAssembled = await step.do("look", INSIDE, async () =>
        this.env.STORE.head(`runs/${task.runId}/result.json`).then((found) => found !== null),
      );
      if (!isAssembled) {
        const failure = await this.#predict(task, step);
        if (failure) return failure;
      }
      return await this.#deliver(task, step);
    } catch (error) {
      if (error instanceof Cancelled) return "cancelled";
      return lastFailure(error);
    }
  }

  async #predict(task: RunTask, step: WorkflowStep): Promise<RunFailure | null> {
    const brought = await attempt(step, "stage", OUTSIDE, () => this.#stage(task));
    if ("failed" in brought) return brought.failed;
    const { staged } = brought.done;
    const predicted = await this.#predictRanges(task, staged, step);
    if (predicted) return predicted;
    await this.#enter(task, "assembling", step);
    const assembled = await attempt(step, "assemble", INSIDE, () => this.#assemble(task, brought.done));
    if ("failed" in assembled) return assembled.failed;
    for (const role of assembled.done) {
      const written = await attempt(step, `parquet of ${role}`, INSIDE, () => this.#writeParquet(task, role));
      if ("failed" in written) return written.failed;
    }
    await step.do("tidy", INSIDE, () => this.#tidy(task.runId));
    return null;
  }

  async #stage(task: RunTask): Promise<StagedRun> {
    continueOnly(await noteStep(this.#db, task.runId, "staging", Date.now()));
    const spec = await loadServingSpec(this.#db, task.deploymentId, task.version);
    if (!spec) throw new SourceError("deployment_gone", "The deployment has been removed while the run was waiting.");
    const staged = await stageRun({ env: this.env, db: this.#db }, task, spec);
    continueOnly(await noteRowsTotal(this.#db, task.runId, staged.rows));
    return {
      staged,
      columns: sourceColumns(staged.columns, spec),
      hasChallenger: spec.challenger !== null,
      referenceId: spec.main.experimentVersion.id,
    };
  }

  /** All ranges, spread over the hosts; each host has one at a time. */
  async #predictRanges(task: RunTask, staged: Staged, step: WorkflowStep): Promise<RunFailure | null> {
    await this.#enter(task, "predicting", step);
    const { batchShards } = readConfig(this.env);
    const { ranges, ...layout } = staged;
    const done = { rows: 0, failed: 0 };
    let failure: RunFailure | null = null;
    const lane = async (shard: number): Promise<void> => {
      const name = { deploymentId: task.deploymentId, version: task.version, shard };
      for (const [index, range] of ranges.entries()) {
        if (index % batchShards !== shard) continue;
        if (failure) return;
        const said = await attempt(step, `predict ${index}`, INSIDE, async () => {
          const job = { runId: task.runId, index, staged: layout, range };
          const outcome = await batchHost(this.env, name).predictRange(name, job);
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

  /** Puts the files together and counts the rows; says of which models there are files. */
  async #assemble(
    task: RunTask,
    { staged, columns, hasChallenger, referenceId }: StagedRun,
  ): Promise<("main" | "challenger")[]> {
    const { result, window } = await assemble(this.env.STORE, {
      ...task,
      sourceColumns: columns,
      ranges: staged.ranges.length,
      hasChallenger,
    });
    const { deploymentId, version, runId, at } = task;
    const writer = { deploymentId, version, place: runId };
    await writeWindows(this.#db, writer, windowsOfMoment(at, { source: "batch", referenceId }, window));
    await noteRowsDone(this.#db, runId, { rows: result.rows, failed: result.rows - result.main.rows });
    continueOnly(await noteFiles(this.#db, runId, filesOf(result)));
    return result.challenger ? ["main", "challenger"] : ["main"];
  }

  async #writeParquet({ runId }: RunTask, role: "main" | "challenger"): Promise<void> {
    const result = await readRunResult(this.env.STORE, runId);
    if (!result) throw new Error(`the result of ${runId} is gone`);
    await writeParquet(this.env.STORE, result, role);
  }

  /** Removes what the files have been made of. */
  async #tidy(runId: string): Promise<void> {
    await deleteFiles(this.env.STORE, rangesPrefix(runId));
    await this.env.STORE.delete(sourceKey(runId));
  }

  /** Each delivery by itself: one that fails keeps none of the others from arriving. */
  async #deliver(task: RunTask, step: WorkflowStep): Promise<RunFailure | null> {
    const waiting = await step.do("destinations", INSIDE, async () =>
      (await listDeliveries(this.#db, task.runId)).filter(({ state }) => state !== "succeeded"),
    );
    if (waiting.length === 0) return null;
    await this.#enter(task, "delivering", step);
    const failures: RunFailure[] = [];
    for (const delivery of waiting) {
      const said = await attempt(step, `deliver ${delivery.position}`, OUTSIDE, () => this.#deliverTo(task, delivery));
      const failure = "failed" in said ? said.failed : null;
      const rows = "done" in said ? said.done.rows : null;
      if (failure) failures.push(failure);
      const state = failure ? "failed" : "succeeded";
      await step.do(`delivered ${delivery.position}`, INSIDE, () =>
        noteDelivery(this.#db, delivery, { state, rows, failure }, Date.now()),
      );
    }
    return deliveryFailure(failures, waiting.length);
  }

  async #deliverTo(task: RunTask, delivery: DeliveryRow): Promise<{ rows: number }> {
    continueOnly(await noteStep(this.#db, task.runId, "delivering", Date.now()));
    await noteDelivery(this.#db, delivery, { state: "running", rows: null, failure: null }, Date.now());
    try {
      return await deliverRun({ env: this.env, db: this.#db }, task, delivery);
    } catch (error) {
      const failure = knownFailure(error);
      // Seen on the page while the next attempt is waited for.
      if (failure) await noteDelivery(this.#db, delivery, { state: "running", rows: null, failure }, Date.now());
      throw error;
    }
  }

  async #enter(task: RunTask, at: "predicting" | "assembling" | "delivering", step: WorkflowStep): Promise<void> {
    const goesOn = await step.do(`begin ${at}`, INSIDE, () => noteStep(this.#db, task.runId, at, Date.now()));
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
