import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { requireUser } from "../access/authorize.ts";
import type { Database } from "../db.ts";
import { plannedColumns } from "../engine/serving-plan.ts";
import { AppError } from "../errors.ts";
import { models } from "../experiments/schema.ts";
import { newId } from "../lib/id.ts";
import { descriptionInput } from "../projects/create-project.ts";
import type { VerbContext } from "../verb-context.ts";
import { checkModels, modelChoice } from "./deploy.ts";
import { readCurrentVersion } from "./current-version.ts";
import { type DeploymentRow, requireDeployment } from "./find-deployment.ts";
import { findVersion, type VersionRow } from "./queries.ts";
import { recorderStub } from "./reach-host.ts";
import { deploymentHosts, deploymentVersions } from "./schema.ts";
import { type SwitchInput, switchVersion } from "./switch-version.ts";

export const versionInput = z.object({
  main: modelChoice,
  challenger: modelChoice.nullish().transform((choice) => choice ?? null),
  note: descriptionInput.default(""),
  allow_schema_change: z.boolean().default(false),
});

export const promotionInput = versionInput.pick({ note: true, allow_schema_change: true });

type Models = Pick<VersionRow, "mainModelId" | "challengerModelId">;

/**
 * Puts other models behind a deployment, as a new version, and switches to it. For contributors. 422 when a model is not of the
 * experiment, not ready or does not load, and then the present version goes on; 409 when main needs features that the present one
 * does not and that is not allowed, or when another switch was faster.
 */
export async function addVersion(
  ctx: VerbContext,
  input: SwitchInput & z.output<typeof versionInput>,
): Promise<{ deployment: DeploymentRow; number: number }> {
  const deployment = await requireSwitchable(ctx, input.deployment);
  await checkModels(ctx.db, deployment.experimentId, input.main, input.challenger);
  const chosen = { mainModelId: input.main.model_id, challengerModelId: input.challenger?.model_id ?? null };
  return switchToNew(ctx, deployment, chosen, input, "deployment.add_version");
}

/** Swaps main and challenger of the current version, as a new version. As addVersion; 409 when there is no challenger. */
export async function promoteChallenger(
  ctx: VerbContext,
  input: SwitchInput & z.output<typeof promotionInput>,
): Promise<{ deployment: DeploymentRow; number: number }> {
  const deployment = await requireSwitchable(ctx, input.deployment);
  const current = await findVersion(ctx.db, deployment.id, deployment.currentVersion);
  if (!current?.challengerModelId) {
    throw new AppError("conflict", "The current version has no challenger that could become the main model.");
  }
  const swapped = { mainModelId: current.challengerModelId, challengerModelId: current.mainModelId };
  const note = input.note === "" ? `Challenger of version ${current.number} promoted` : input.note;
  return switchToNew(ctx, deployment, swapped, { ...input, note }, "deployment.promote");
}

/** The deployment, for a caller who may change it; 409 while it is being built, because there is nothing yet to switch from. */
export async function requireSwitchable({ db, caller }: VerbContext, idOrSlug: string): Promise<DeploymentRow> {
  const deployment = await requireDeployment(db, caller, idOrSlug, "change");
  if (deployment.deployed !== "building") return deployment;
  throw new AppError("conflict", "The deployment is still being built. Wait until it is deployed, then switch.");
}

async function switchToNew(
  ctx: VerbContext,
  deployment: DeploymentRow,
  chosen: Models,
  { note, allow_schema_change, region }: Pick<SwitchInput, "region"> & z.output<typeof promotionInput>,
  action: "deployment.add_version" | "deployment.promote",
): Promise<{ deployment: DeploymentRow; number: number }> {
  const { db, nowMs: createdAt } = ctx;
  const { userId: createdBy } = requireUser(ctx.caller);
  if (!allow_schema_change) await checkFeatures(db, deployment, chosen.mainModelId);
  const number = await insertVersion(db, deployment.id, { ...chosen, note, createdBy, createdAt });
  const after = { main: chosen.mainModelId, challenger: chosen.challengerModelId, note };
  try {
    const switched = await switchVersion(ctx, deployment, { action, after, version: number, region });
    return { deployment: switched, number };
  } catch (error) {
    // What failed may have come after the pointer had moved.
    if ((await readCurrentVersion(db, deployment.id)) !== number) await dropVersion(ctx, deployment.id, number);
    throw error;
  }
}

/** 409 when the model needs features that the present main model does not: callers who do not send them would be refused. */
async function checkFeatures(db: Database, deployment: DeploymentRow, mainModelId: string): Promise<void> {
  const current = await findVersion(db, deployment.id, deployment.currentVersion);
  const before = new Set(current ? await columnsOf(db, current.mainModelId) : []);
  const added = (await columnsOf(db, mainModelId)).filter((name) => !before.has(name));
  if (added.length === 0) return;
  const listed = added.slice(0, 10).join(", ") + (added.length > 10 ? ` and ${added.length - 10} more` : "");
  throw new AppError(
    "conflict",
    `This main model needs features that the current one does not: ${listed}. Callers do not send them yet. Have them send these, then repeat with allow_schema_change.`,
    { extra: { added_features: added } },
  );
}

async function columnsOf(db: Database, modelId: string): Promise<string[]> {
  const row = await db.select({ plan: models.plan }).from(models).where(eq(models.id, modelId)).get();
  return row ? plannedColumns(row.plan) : [];
}

async function insertVersion(
  db: Database,
  deploymentId: string,
  row: Models & { note: string; createdBy: string; createdAt: number },
): Promise<number> {
  // Counted in the write itself, so that two at once get numbers of their own.
  const next = sql<number>`(select max("number") + 1 from "deployment_versions" where "deploymentId" = ${deploymentId})`;
  const [inserted] = await db
    .insert(deploymentVersions)
    .values({ id: newId("dpv"), deploymentId, ...row, number: next })
    .returning({ number: deploymentVersions.number });
  if (!inserted) throw new Error("the version was not written");
  return inserted.number;
}

/** Takes back a version that never answered: its hosts have recorded nothing. */
async function dropVersion({ env, db }: VerbContext, deploymentId: string, number: number): Promise<void> {
  const isOfVersion = sql`"deploymentId" = ${deploymentId} and "versionNumber" = ${number}`;
  const hosts = await db.select({ name: deploymentHosts.name }).from(deploymentHosts).where(isOfVersion);
  for (const { name } of hosts) await recorderStub(env, name).destroy();
  await db.batch([
    db.delete(deploymentHosts).where(isOfVersion),
    db.delete(deploymentVersions).where(sql`"deploymentId" = ${deploymentId} and "number" = ${number}`),
  ]);
}
