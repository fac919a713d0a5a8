import { addressOf } from "../../access/limit-guesses.ts";
import { database } from "../../db.ts";
import type { DeploymentRow } from "../../deployments/find-deployment.ts";
import { AppError, type ErrorCode, isAppError, STATUS_OF_CODE } from "../../errors.ts";
import type { AppContext } from "../../http.ts";
import { predict } from "../../inference/call/predict.ts";
import type { Task } from "../../engine/serving-plan.ts";
import type { FormError } from "../../ui/form-layout.tsx";
import type { Outcome } from "./outcome.tsx";
import type { FieldValues } from "./read-fields.ts";

// The period of FORM_LIMIT in wrangler.toml.
const PERIOD_SECONDS = 60;

/** What became of a form that was sent: what to show, and the status with which. */
export interface Attempt {
  status: 200 | (typeof STATUS_OF_CODE)[ErrorCode];
  outcome: Outcome;
  /** `path` is the name of a feature. */
  errors: FormError[];
  retryAfterSeconds: number | undefined;
}

/** Predicts the row that a form holds. Refusals become something to show; what the caller may not see or a fault of ours is thrown. */
export async function predictFromForm(
  c: AppContext,
  deployment: DeploymentRow,
  task: Task,
  values: FieldValues,
): Promise<Attempt> {
  const { caller } = c.var;
  try {
    if (caller.kind === "nobody") await limitStrangers(c);
    const call = { env: c.env, background: c.executionCtx, db: database(c.env), request: c.req.raw };
    const [answer] = await predict(call, deployment, [Object.fromEntries(values)], () => "features");
    if (!answer) throw new Error("a row was sent and no answer came");
    return { status: 200, outcome: { kind: "answer", answer, task }, errors: [], retryAfterSeconds: undefined };
  } catch (error) {
    if (!isAppError(error) || !isShown(error.code)) throw error;
    return refused(error);
  }
}

async function limitStrangers(c: AppContext): Promise<void> {
  const { success } = await c.env.FORM_LIMIT.limit({ key: addressOf(c) ?? "unknown" });
  if (success) return;
  throw new AppError(
    "rate_limited",
    "Your network sent too many predictions within a minute. Wait a minute, then send the form again.",
    {
      retryAfterSeconds: PERIOD_SECONDS,
    },
  );
}

function isShown(code: ErrorCode): boolean {
  return code === "invalid_input" || code === "too_large" || code === "not_running" || code === "rate_limited";
}

const TITLES: Partial<Record<ErrorCode, string>> = {
  not_running: "Temporarily not answering",
  rate_limited: "Too many predictions",
};

function refused({ code, message, details }: Pick<AppError, "code" | "message" | "details">): Attempt {
  const status = STATUS_OF_CODE[code];
  const { errors = [], retryAfterSeconds } = details;
  if (errors.length > 0) {
    return { status, outcome: { kind: "invalid" }, errors: errors.map(aboutFeature), retryAfterSeconds };
  }
  const title = TITLES[code] ?? "Nothing was predicted";
  const level = code === "not_running" || code === "rate_limited" ? "warning" : "error";
  const advice = code === "not_running" ? " Your values are kept. Send them again in a moment." : "";
  return {
    status,
    outcome: { kind: "notice", level, title, message: message + advice, isReply: true },
    errors: [],
    retryAfterSeconds,
  };
}

/** `features.<name>` of the API is the field <name> here. */
function aboutFeature({ path, message }: { path: string; message: string }): FormError {
  return path.startsWith("features.") ? { path: path.slice("features.".length), message } : { message };
}
