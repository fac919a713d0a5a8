import { z } from "zod";
import { STATES, TASKS } from "../experiments/schema.ts";
import { iso } from "../lib/time.ts";
import type { Deployment, DeploymentVersion, VersionModel } from "./queries.ts";
import type { RunningStatus } from "./running-status.ts";

const versionModelSchema = z.object({
  version: z.number().int().describe("Of the experiment"),
  model_id: z.string(),
  model_name: z.string(),
  state: z.enum(STATES),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

const challengerSchema = versionModelSchema.extend({
  suspended: z.object({ since: z.iso.datetime(), reason: z.string() }).nullable(),
  extra_features: z
    .array(z.string())
    .optional()
    .describe("Features that only the challenger needs: it skips calls without them. Not in lists"),
});

export const deploymentSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  project_id: z.string(),
  experiment_id: z.string(),
  task: z.enum(TASKS),
  created_at: z.iso.datetime(),
  created_by: z.string(),
  access: z.enum(["public", "instance", "project"]),
  type_policy: z.enum(["best_effort", "strict"]),
  current_version: z.number().int(),
  deployed: z.enum(["building", "deployed", "failed"]),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  running: z.boolean(),
  running_since: z.iso.datetime().nullable().describe("Since when `running` is what it is; null until it was checked"),
  main: versionModelSchema,
  challenger: challengerSchema.nullable(),
  form_url: z.string(),
  api_url: z.string(),
  docs_url: z.string(),
  openapi_url: z.string(),
});

/** Where the parts of a deployment are reached, under the origin by which the caller reached us. */
export function deploymentLinks(origin: string, slug: string) {
  return {
    form_url: `${origin}/f/${slug}`,
    api_url: `${origin}/api/v1/deployments/${slug}/predict`,
    docs_url: `${origin}/docs/${slug}`,
    openapi_url: `${origin}/docs/${slug}/openapi.json`,
  };
}

/** A deployment as the API answers it. `extra`: the features that only its challenger needs, where they are known. */
export function deploymentJson(
  deployment: Deployment,
  status: RunningStatus,
  origin: string,
  extra?: readonly string[],
): z.infer<typeof deploymentSchema> {
  const { id, slug, name, description, task, access, deployed, current } = deployment;
  return {
    id,
    slug,
    name,
    description,
    project_id: deployment.projectId,
    experiment_id: deployment.experimentId,
    task,
    created_at: iso(deployment.createdAt),
    created_by: deployment.createdBy,
    access,
    type_policy: deployment.typePolicy,
    current_version: deployment.currentVersion,
    deployed,
    error:
      deployment.errorCode === null ? null : { code: deployment.errorCode, message: deployment.errorMessage ?? "" },
    running: status.running,
    running_since: iso(status.since),
    main: versionModelJson(current.main),
    challenger: challengerJson(current.challenger, extra),
    ...deploymentLinks(origin, slug),
  };
}

export const deploymentVersionSchema = z.object({
  number: z.number().int(),
  main: versionModelSchema,
  challenger: challengerSchema.nullable(),
  note: z.string(),
  current: z.boolean(),
  created_at: z.iso.datetime(),
  created_by: z.string(),
});

/** A version of a deployment as the API answers it. */
export function deploymentVersionJson(
  version: DeploymentVersion,
  currentNumber: number,
  extra?: readonly string[],
): z.infer<typeof deploymentVersionSchema> {
  return {
    number: version.number,
    main: versionModelJson(version.main),
    challenger: challengerJson(version.challenger, extra),
    note: version.note,
    current: version.number === currentNumber,
    created_at: iso(version.createdAt),
    created_by: version.createdBy,
  };
}

function versionModelJson(model: VersionModel): z.infer<typeof versionModelSchema> {
  return { version: model.version, model_id: model.id, model_name: model.name, state: model.state, error: model.error };
}

function challengerJson(
  challenger: DeploymentVersion["challenger"],
  extra?: readonly string[],
): z.infer<typeof challengerSchema> | null {
  if (!challenger) return null;
  const { suspended } = challenger;
  return {
    ...versionModelJson(challenger),
    suspended: suspended && { since: iso(suspended.since), reason: suspended.reason },
    ...(extra && { extra_features: [...extra] }),
  };
}
