import { createApp } from "./app.tsx";
import { runCron } from "./cron.ts";

export { ModelTrial } from "./experiments/model-trial.ts";
export { DeploymentHost } from "./inference/deployment-host.ts";
export { IdempotencyLedger } from "./inference/idempotency-ledger.ts";

const app = createApp();

export default {
  fetch: app.fetch,
  scheduled: (controller, env) => runCron(env, controller.scheduledTime),
} satisfies ExportedHandler<Env>;
