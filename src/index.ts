import { createApp } from "./app.tsx";
import { runCron } from "./cron.ts";
import { answerPredictDirectly } from "./inference/answer-predict.ts";

export { ModelTrial } from "./experiments/model-trial.ts";
export { DeploymentHost } from "./inference/deployment-host.ts";
export { IdempotencyLedger } from "./inference/idempotency-ledger.ts";

const app = createApp();

export default {
  fetch: async (request, env, ctx) => (await answerPredictDirectly(request, env, ctx)) ?? app.fetch(request, env, ctx),
  scheduled: (controller, env) => runCron(env, controller.scheduledTime),
} satisfies ExportedHandler<Env>;
