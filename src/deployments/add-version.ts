import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { plannedColumns } from "../engine/serving-plan.ts";
import { AppError } from "../errors.ts";
import { models } from "../experiments/schema.ts";
import { newId } from "../lib/id.ts";
import { descriptionInput } from "../projects/create-project.ts";
import { checkModels, modelChoice } from "./deploy.ts";
import { readCurrentVersion } from "./current-version.ts";
import { type DeploymentRow, requireDeployment } from "./find-deployment.ts";
import { findVersion, type VersionRow } from "./queries.ts";
import { destroyRecords } from "./reach-host.ts";
import { deploymentHosts, deploymentVersions } from "./schema.ts";
import { switchVersion, type SwitchPorts } from "./switch-version.ts";

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
  ports: SwitchPorts,
  caller: Caller,
  idOrSlug: string,
  input: z.output<typeof versionInput>,
  nowMs: number,
): Promise<{ deployment: DeploymentRow; number: number }> {
  const deployment = await requireSwitchable(ports.db, caller, idOrSlug);
  await checkModels(ports.db, deployment.experimentId, input.main, input.challenger);
  const chosen = { mainModelId: input.main.model_id, challengerModelId: input.challenger?.model_id ?? null };
  return switchToNew(ports, caller, deployment, chosen, input, "deployment.add_version", nowMs);
}

/** Swaps main and challenger of the current version, as a new version. As addVersion; 409 when there is no challenger. */
export async function promoteChallenger(
  ports: SwitchPorts,
  caller: Caller,
  idOrSlug: string,
  input: z.output<typeof promotionInput>,
  nowMs: number,
): Promise<{ deployment: DeploymentRow; number: number }> {
  const deployment = await requireSwitchable(ports.db, caller, idOrSlug);
  const current = await findVersion(ports.db, deployment.id, deployment.currentVersion);
  if (!current?.challengerModelId) {
    throw new AppError("conflict", "The current version has no challenger that could become the main model.");
  }
  const swapped = { mainModelId: current.challengerModelId, challengerModelId: current.mainModelId };
  const note = input.note === "" ? `Challenger of version ${current.number} promoted` : input.note;
  return switchToNew(ports, caller, deployment, swapped, { ...input, note }, "deployment.promote", nowMs);
}

/** The deployment, for a caller who may change it; 409 while it is being built, because there is nothing yet to switch from. */
export async function requireSwitchable(db: Database, caller: Caller, idOrSlug: string): Promise<DeploymentRow> {
  const deployment = await requireDeployment(db, caller, idOrSlug, "change");
  if (deployment.deployed !== "building") return deployment;
  throw new AppError("conflict", "The deployment is still being built. Wait until it is deployed, then switch.");
}

async function switchToNew(
  ports: SwitchPorts,
  caller: Caller,
  deployment: DeploymentRow,
  chosen: Models,
  { note, allow_schema_change }: Pick<z.output<typeof versionInput>, "note" | "allow_schema_change">,
  action: "deployment.add_version" | "deployment.promote",
  nowMs: number,
): Promise<{ deployment: DeploymentRow; number: number }> {
  const { db } = ports;
  const user = requireUser(caller);
  if (!allow_schema_change) await checkFeatures(db, deployment, chosen.mainModelId);
  const number = await insertVersion(db, deployment.id, { ...chosen, note, createdBy: user.userId, createdAt: nowMs });
  const switched = await switchOrDrop(ports, deployment, number);
  await writeAudit(
    db,
    user,
    {
      projectId: deployment.projectId,
      action,
      object: { kind: "deployment", id: deployment.id, name: deployment.name },
      before: { version: deployment.currentVersion },
      after: { version: number, main: chosen.mainModelId, challenger: chosen.challengerModelId, note },
    },
    nowMs,
  );
  return { deployment: switched, number };
}

async function switchOrDrop(ports: SwitchPorts, deployment: DeploymentRow, number: number): Promise<DeploymentRow> {
  try {
    return await switchVersion(ports, deployment, number);
  } catch (error) {
    // What failed may have come after the pointer had moved.
    if ((await readCurrentVersion(ports.db, deployment.id)) !== number) await dropVersion(ports, deployment.id, number);
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
async function dropVersion({ env, db }: SwitchPorts, deploymentId: string, number: number): Promise<void> {
  const isOfVersion = sql`"deploymentId" = ${deploymentId} and "versionNumber" = ${number}`;
  const hosts = await db.select({ name: deploymentHosts.name }).from(deploymentHosts).where(isOfVersion);
  for (const { name } of hosts) await destroyRecords(env, name);
  await db.batch([
    db.delete(deploymentHosts).where(isOfVersion),
    db.delete(deploymentVersions).where(sql`"deploymentId" = ${deploymentId} and "number" = ${number}`),
  ]);
}
