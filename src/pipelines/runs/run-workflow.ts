import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from "cloudflare:workers";
import { RunExecution } from "./run-execution.ts";

/** What a run is started with. */
export interface RunParams {
  runId: string;
}

/** One attempt at a run, on the platform that carries it through crashes. */
export class RunWorkflow extends WorkflowEntrypoint<Env, RunParams> {
  override run({ payload }: Readonly<WorkflowEvent<RunParams>>, step: WorkflowStep): Promise<void> {
    return new RunExecution(this.env, step).run(payload.runId);
  }
}
