import { createApp } from "./app.tsx";
import { runCron } from "./cron.ts";
import { database } from "./db.ts";
import { answerPredictDirectly } from "./inference/call/answer-predict.ts";
import { wakeRuns } from "./pipelines/runs/resume-runs.ts";

export { ModelTrial } from "./experiments/trial/model-trial.ts";
export { DeploymentHost } from "./inference/host/deployment-host.ts";
export { IdempotencyLedger } from "./inference/host/idempotency-ledger.ts";
export { RunRecords } from "./inference/batch/run-records.ts";
export { BatchHost } from "./pipelines/runs/batch-host.ts";
export { RunWorkflow } from "./pipelines/runs/run-workflow.ts";

/** What the runner of one machine fires once when it has started; on Cloudflare nothing does. */
const AT_START = "@start";

const app = createApp();

export default {
  fetch: async (request, env, ctx) => (await answerPredictDirectly(request, env, ctx)) ?? app.fetch(request, env, ctx),
  scheduled: (controller, env) =>
    controller.cron === AT_START ? wakeRuns(env, database(env)) : runCron(env, controller.scheduledTime),
} satisfies ExportedHandler<Env>;
