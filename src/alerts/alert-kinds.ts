import type { AlertKind } from "./alert-kind.ts";
import { drift } from "./kinds/drift.ts";
import { errors } from "./kinds/errors.ts";
import { latency } from "./kinds/latency.ts";
import { notRunning } from "./kinds/not-running.ts";
import { performance } from "./kinds/performance.ts";
import type { AlertKindId } from "./schema.ts";

/** Everything that a deployment can be watched for. */
export const KINDS: Record<AlertKindId, AlertKind> = {
  drift,
  errors,
  latency,
  performance,
  not_running: notRunning,
};
