import { and, eq, isNull } from "drizzle-orm";
import { auditedChange } from "../../audit/audited-change.ts";
import type { Database } from "../../db.ts";
import { type DeploymentRow, findDeployment } from "../../deployments/find-deployment.ts";
import { type FieldError } from "../../errors.ts";
import type { VerbContext } from "../../verb-context.ts";
import { checkSchedule } from "../schedules/schedule.ts";
import { type Destination, pipelines } from "../schema.ts";
import { auditedPipelineChange } from "./audited-pipeline.ts";
import { checkDestinations } from "./check-destinations.ts";
import { checkSource } from "./check-source.ts";
import type { SavedPipeline } from "./create-pipeline.ts";
import { firstSlot, hasChallenger, justDeleted, refuseInvalid, requireDeploymentOf } from "./pipeline-checks.ts";
import type { PipelineChange } from "./pipeline-input.ts";
import { makeNotify, type MadeNotify } from "./pipeline-notify.ts";
import { referencesExist } from "./pipeline-references.ts";
import { type PipelineRow, requirePipeline } from "./queries.ts";

/**
 * Changes what is given of a pipeline, for contributors of its project, and leaves the rest as it is. What runs already goes on as it
 * began. With another schedule, or when it is enabled, the first slot is the next one after now. A webhook with another address gets a
 * new secret. Messages link to the origin of the newest change. 422 as when a pipeline is made; repeating changes nothing.
 */
export async function updatePipeline(
  context: VerbContext,
  input: PipelineChange & { pipeline: string },
): Promise<SavedPipeline> {
  const { env, db, caller, nowMs, origin } = context;
  const before = await requirePipeline(db, caller, input.pipeline, "change");
  const { pipeline: id, ...change } = input;
  if (change.schedule) checkSchedule(change.schedule);
  const moved =
    change.deployment_id === undefined ? null : await requireDeploymentOf(db, before.projectId, change.deployment_id);
  const deploymentId = moved?.id ?? before.deploymentId;
  const sourceErrors = change.source ? await checkSource({ env, db }, before.projectId, change.source) : [];
  const checked = await changedDestinations(db, before, change, moved);
  refuseInvalid([...sourceErrors, ...checked.errors]);
  const { signingSecret, ...notify } = await changedNotify(env, before, change);
  const wanted = {
    deploymentId,
    name: change.name ?? before.name,
    source: change.source ?? before.source,
    destinations: checked.destinations,
    schedule: change.schedule === undefined ? before.schedule : change.schedule,
    enabled: change.enabled ?? before.enabled,
    ...notify,
    origin,
  };
  const changed = differences(before, wanted);
  if (Object.keys(changed).length === 0) return { pipeline: before, signingSecret: null };
  const isRescheduled = "schedule" in changed || "enabled" in changed;
  const write = db
    .update(pipelines)
    .set({ ...changed, ...(isRescheduled && { nextSlot: firstSlot(wanted, nowMs) }) })
    .where(
      and(
        eq(pipelines.id, id),
        isNull(pipelines.deletedAt),
        // A pipeline whose deployment has been removed may still be changed.
        referencesExist({ ...before, ...wanted, deploymentId: moved?.id ?? null }),
      ),
    )
    .returning();
  const { origin: _, ...told } = changed;
  const isTold = Object.keys(told).length > 0;
  const wrote = isTold ? auditedChange(context, write, auditedPipelineChange(before, { ...before, ...wanted })) : write;
  const [after] = await wrote;
  if (!after) throw justDeleted();
  return { pipeline: after, signingSecret };
}

/** Destinations are looked at again with another deployment, which may have no challenger. */
async function changedDestinations(
  db: Database,
  before: PipelineRow,
  change: PipelineChange,
  moved: DeploymentRow | null,
): Promise<{ destinations: Destination[]; errors: FieldError[] }> {
  const isMoved = moved !== null && moved.id !== before.deploymentId;
  if (!change.destinations && !isMoved) return { destinations: before.destinations, errors: [] };
  const deployment = moved ?? (await findDeployment(db, before.deploymentId));
  const mayHaveChallenger = deployment !== null && (await hasChallenger(db, deployment));
  const kept = isMoved ? [] : before.destinations;
  return checkDestinations(db, before.projectId, change.destinations ?? before.destinations, mayHaveChallenger, kept);
}

async function changedNotify(
  env: Env,
  { id, notifyBy, notifyTo, sealedSecret }: PipelineRow,
  { notify }: PipelineChange,
): Promise<MadeNotify> {
  const present = { notifyBy, notifyTo, sealedSecret, signingSecret: null };
  if (notify === undefined) return present;
  // The same address keeps its secret: who sends a whole form again does not lose it.
  if (notifyBy === "webhook" && notify?.webhook_url === notifyTo) return present;
  return makeNotify(env, id, notify);
}

/** The columns that are not as they were. */
function differences(before: PipelineRow, wanted: Partial<PipelineRow>): Partial<PipelineRow> {
  const names = Object.keys(wanted) as (keyof PipelineRow)[];
  const isOther = (name: keyof PipelineRow) => JSON.stringify(wanted[name]) !== JSON.stringify(before[name]);
  return Object.fromEntries(names.filter(isOther).map((name) => [name, wanted[name]]));
}
