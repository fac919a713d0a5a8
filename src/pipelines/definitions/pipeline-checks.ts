import type { Database } from "../../db.ts";
import { type DeploymentRow, findDeployment } from "../../deployments/find-deployment.ts";
import { findVersion } from "../../deployments/queries.ts";
import { AppError, type FieldError } from "../../errors.ts";
import { nextSlots } from "../schedules/schedule.ts";
import type { Schedule } from "../schema.ts";

/**
 * The first slot that a pipeline is to run for, UTC ms; null without a schedule or while it is disabled. 422 where there is none any
 * more.
 */
export function firstSlot(
  { schedule, enabled }: { schedule: Schedule | null; enabled: boolean },
  nowMs: number,
): number | null {
  if (!schedule || !enabled) return null;
  const [first] = nextSlots(schedule, nowMs, 1);
  if (first === undefined) throw invalidFields([noSlot(schedule, nowMs)]);
  return first;
}

function noSlot({ starts_at: startsAt, ends_at: endsAt }: Schedule, nowMs: number): FieldError {
  if (endsAt === undefined)
    return { path: "schedule.starts_at", message: "The schedule has no time after it. Give an earlier start." };
  const isOver = Date.parse(endsAt) <= nowMs;
  const what = isOver
    ? "The schedule has ended"
    : `The schedule has no time left ${startsAt === undefined ? "before it" : "in this period"}`;
  return { path: "schedule.ends_at", message: `${what}. Give a later end, or set enabled to false.` };
}

/** The deployment, which must be of the project: 422 when it is not, or has been removed. */
export async function requireDeploymentOf(db: Database, projectId: string, idOrSlug: string): Promise<DeploymentRow> {
  const deployment = await findDeployment(db, idOrSlug);
  if (deployment?.projectId === projectId) return deployment;
  throw invalidFields([{ path: "deployment_id", message: "Deployment not found in this project." }]);
}

/** Whether the current version of a deployment has a challenger. */
export async function hasChallenger(db: Database, { id, currentVersion }: DeploymentRow): Promise<boolean> {
  const version = await findVersion(db, id, currentVersion);
  return version !== null && version.challengerModelId !== null;
}

/** Throws 422 where anything is wrong, naming all of it. */
export function refuseInvalid(errors: FieldError[]): void {
  if (errors.length > 0) throw invalidFields(errors);
}

/** The refusal of a write that found something gone which was there a moment before. */
export function justDeleted(): AppError {
  return new AppError(
    "conflict",
    "Something that the pipeline uses was deleted at the same moment. Check the project and try again.",
  );
}

function invalidFields(errors: FieldError[]): AppError {
  const [first] = errors;
  const message = first ? `${first.path}: ${first.message}` : "The input is not valid.";
  return new AppError("invalid_input", message, { errors });
}
