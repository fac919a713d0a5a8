import { type SQL, sql } from "drizzle-orm";
import { requireUser } from "../../access/authorize.ts";
import { auditedChange } from "../../audit/audited-change.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import { insertWhere } from "../../insert-where.ts";
import { newId } from "../../lib/id.ts";
import { requireProject } from "../../projects/queries.ts";
import type { VerbContext } from "../../verb-context.ts";
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
  context: VerbContext,
  input: PipelineInput & { project: string },
): Promise<SavedPipeline> {
  const { env, db, caller, nowMs, origin } = context;
  const project = await requireProject(db, caller, input.project, "change");
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
  // Counted by the write itself, so that two calls at the same time do not make one too many.
  const mayBe = sql`${countOf(project.id)} < ${PIPELINES_PER_PROJECT_MAX} and ${referencesExist(pipeline)}`;
  const write = insertWhere(db, pipelines, pipeline, mayBe).returning({ id: pipelines.id });
  const [made] = await auditedChange(context, write, auditedPipeline(pipeline, "create"));
  if (!made) throw await refusal(db, project.id);
  return { pipeline, signingSecret };
}

/** How many pipelines a project has, without those that are deleted. */
function countOf(projectId: string): SQL<number> {
  return sql`(select count(*) from ${pipelines} where ${pipelines.projectId} = ${projectId} and ${pipelines.deletedAt} is null)`;
}

async function refusal(db: Database, projectId: string): Promise<AppError> {
  const present = await db.get<{ count: number }>(sql`select ${countOf(projectId)} as count`);
  if (present.count < PIPELINES_PER_PROJECT_MAX) return justDeleted();
  return new AppError(
    "invalid_input",
    `A project may have at most ${PIPELINES_PER_PROJECT_MAX} pipelines. Delete one.`,
  );
}
