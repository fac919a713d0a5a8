import { eq, sql } from "drizzle-orm";
import { requireUser } from "../../access/authorize.ts";
import type { Caller } from "../../access/caller.ts";
import { writeAudit } from "../../audit/audit.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import { newId } from "../../lib/id.ts";
import { requireProject } from "../../projects/queries.ts";
import { checkSchedule } from "../schedules/schedule.ts";
import { pipelines } from "../schema.ts";
import { auditedPipeline } from "./audited-pipeline.ts";
import { checkDestinations } from "./check-destinations.ts";
import { checkSource } from "./check-source.ts";
import { firstSlot, hasChallenger, justDeleted, refuseInvalid, requireDeploymentOf } from "./pipeline-checks.ts";
import type { PipelineInput } from "./pipeline-input.ts";
import { PIPELINES_PER_PROJECT_MAX } from "./pipeline-limits.ts";
import { makeNotify } from "./pipeline-notify.ts";
import { referencesExist } from "./pipeline-references.ts";
import type { PipelineRow } from "./queries.ts";

export interface PipelinePorts {
  env: Pick<Env, "SEALING_KEY" | "ALLOW_PRIVATE_NETWORK" | "EMAIL_API_URL" | "EMAIL_API_KEY" | "EMAIL_FROM">;
  db: Database;
  /** Under which the caller reached the instance: messages link there. */
  origin: string;
}

/** A pipeline that was stored. `signingSecret` is that of a webhook which was given now; it is nowhere else in the clear. */
export interface SavedPipeline {
  pipeline: PipelineRow;
  signingSecret: string | null;
}

/**
 * Makes a pipeline in a project, for its contributors. 422 with a path for each thing that does not fit, and past 100 pipelines; 409 when
 * something that it uses is deleted at the same moment.
 */
export async function createPipeline(
  { env, db, origin }: PipelinePorts,
  caller: Caller,
  projectIdOrSlug: string,
  input: PipelineInput,
  nowMs: number,
): Promise<SavedPipeline> {
  const project = await requireProject(db, caller, projectIdOrSlug, "change");
  const user = requireUser(caller);
  const schedule = input.schedule ?? null;
  if (schedule) checkSchedule(schedule);
  const deployment = await requireDeploymentOf(db, project.id, input.deployment_id);
  const sourceErrors = await checkSource({ env, db }, project.id, input.source);
  const checked = await checkDestinations(db, project.id, input.destinations, await hasChallenger(db, deployment));
  refuseInvalid([...sourceErrors, ...checked.errors]);
  const id = newId("pip");
  const { signingSecret, ...notify } = await makeNotify(env, id, input.notify ?? null);
  const pipeline: PipelineRow = {
    id,
    projectId: project.id,
    deploymentId: deployment.id,
    name: input.name,
    source: input.source,
    destinations: checked.destinations,
    schedule,
    enabled: input.enabled,
    nextSlot: firstSlot({ schedule, enabled: input.enabled }, nowMs),
    ...notify,
    origin,
    createdBy: user.userId,
    createdAt: nowMs,
    deletedAt: null,
  };
  await insertWithinLimit(db, pipeline);
  await writeAudit(db, user, auditedPipeline(pipeline, "create"), nowMs);
  return { pipeline, signingSecret };
}

/** One statement counts, looks and writes, so that two calls at the same time do not make one too many. */
async function insertWithinLimit(db: Database, pipeline: PipelineRow): Promise<void> {
  const { id, projectId, deploymentId, name, source, destinations, schedule, enabled, nextSlot } = pipeline;
  const { notifyBy, notifyTo, sealedSecret, origin, createdBy, createdAt } = pipeline;
  const present = sql`(select count(*) from ${pipelines} where ${pipelines.projectId} = ${projectId} and ${pipelines.deletedAt} is null)`;
  const rows = await db.all(sql`
    insert into "pipelines" ("id", "projectId", "deploymentId", "name", "source", "destinations", "schedule", "enabled", "nextSlot",
      "notifyBy", "notifyTo", "sealedSecret", "origin", "createdBy", "createdAt")
    select ${id}, ${projectId}, ${deploymentId}, ${name}, ${JSON.stringify(source)}, ${JSON.stringify(destinations)},
      ${schedule && JSON.stringify(schedule)}, ${enabled ? 1 : 0}, ${nextSlot}, ${notifyBy}, ${notifyTo}, ${sealedSecret}, ${origin},
      ${createdBy}, ${createdAt}
    where ${present} < ${PIPELINES_PER_PROJECT_MAX} and ${referencesExist(pipeline)}
    returning "id"`);
  if (rows.length > 0) return;
  const [count] = await db
    .select({ present: sql<number>`count(*)` })
    .from(pipelines)
    .where(sql`${eq(pipelines.projectId, projectId)} and ${pipelines.deletedAt} is null`);
  if (!count || count.present < PIPELINES_PER_PROJECT_MAX) throw justDeleted();
  throw new AppError("invalid_input", `A project may have at most ${PIPELINES_PER_PROJECT_MAX} pipelines. Delete one.`);
}
