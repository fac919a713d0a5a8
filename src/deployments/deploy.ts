import { and, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { nameInput } from "../access/account-input.ts";
import { requireUser } from "../access/authorize.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { HEAP_BUDGET_BYTES } from "../config.ts";
import type { Database } from "../db.ts";
import { AppError, invalid } from "../errors.ts";
import { experiments, experimentVersions, models } from "../experiments/schema.ts";
import { insertWhere } from "../insert-where.ts";
import { newId, randomText, slugify } from "../lib/id.ts";
import { descriptionInput } from "../projects/create-project.ts";
import { requireProject } from "../projects/queries.ts";
import type { VerbContext } from "../verb-context.ts";
import type { DeploymentRow } from "./find-deployment.ts";
import { deployments, deploymentVersions } from "./schema.ts";

export const modelChoice = z.object({ version: z.int().min(1), model_id: z.string().max(100) });

export const deploymentInput = z.object({
  name: nameInput,
  description: descriptionInput.default(""),
  experiment_id: z.string().max(100),
  main: modelChoice,
  challenger: modelChoice.nullish().transform((choice) => choice ?? null),
  access: z.enum(["public", "instance", "project"]).default("project"),
  type_policy: z.enum(["best_effort", "strict"]).default("best_effort"),
});

export type DeploymentInput = z.output<typeof deploymentInput>;
export type ModelChoice = z.output<typeof modelChoice>;

/** How often a slug is tried again with another suffix; the suffix has 30 random bits. */
const SLUG_ATTEMPTS = 3;

/**
 * Creates a deployment with its first version, in state `building`; what builds it comes after. The caller must be a contributor
 * of the project. 422 when a model is not of the experiment, is not ready, or both together do not fit the memory.
 */
export async function deploy(ctx: VerbContext, input: DeploymentInput & { project: string }): Promise<DeploymentRow> {
  const { db, caller, nowMs: createdAt } = ctx;
  const project = await requireProject(db, caller, input.project, "change");
  const experiment = await db.select().from(experiments).where(eq(experiments.id, input.experiment_id)).get();
  if (!experiment || experiment.projectId !== project.id) {
    throw invalid("experiment_id", "Experiment not found in this project.");
  }
  await checkModels(db, experiment.id, input.main, input.challenger);
  const { userId: createdBy } = requireUser(caller);
  const { name, description, access, type_policy } = input;
  const chosen = { main: input.main.model_id, challenger: input.challenger?.model_id ?? null };
  const base = slugify(name);
  for (let attempt = 0; attempt < SLUG_ATTEMPTS; attempt += 1) {
    const id = newId("dep");
    const slug = attempt === 0 && base !== "" ? base : `${base || "deployment"}-${randomText(6)}`;
    const row = {
      id,
      slug,
      projectId: project.id,
      experimentId: experiment.id,
      name,
      description,
      access,
      typePolicy: type_policy,
      deployed: "building",
      currentVersion: 1,
      createdBy,
      createdAt,
    } as const;
    const version = {
      id: newId("dpv"),
      deploymentId: id,
      number: 1,
      mainModelId: chosen.main,
      challengerModelId: chosen.challenger,
      createdBy,
      createdAt,
    };
    // The slug may be taken, also by a deployment that is gone.
    const [inserted] = await auditedChange(
      ctx,
      db.insert(deployments).values(row).onConflictDoNothing({ target: deployments.slug }).returning(),
      {
        projectId: project.id,
        action: "deployment.create",
        object: { kind: "deployment", id, name },
        after: { slug, access, type_policy, ...chosen },
      },
      (happened) => [insertWhere(db, deploymentVersions, version, happened)],
    );
    if (inserted) return inserted;
  }
  throw new AppError("conflict", "No free address was found for this name. Try again, or choose another name.");
}

/** Checks that main and challenger are ready models of this experiment, of the versions named, and fit the memory together. */
export async function checkModels(
  db: Database,
  experimentId: string,
  main: ModelChoice,
  challenger: ModelChoice | null,
): Promise<void> {
  const wanted = [main.model_id, ...(challenger ? [challenger.model_id] : [])];
  const rows = await db
    .select({ model: models, number: experimentVersions.number, experimentId: experimentVersions.experimentId })
    .from(models)
    .innerJoin(experimentVersions, eq(experimentVersions.id, models.versionId))
    .innerJoin(experiments, eq(experiments.id, experimentVersions.experimentId))
    // A model of another project is answered as one that there is not.
    .where(and(inArray(models.id, wanted), inSameProject(experimentId)));
  const heap = [
    checkModel(rows, experimentId, main, "main"),
    ...(challenger ? [checkModel(rows, experimentId, challenger, "challenger")] : []),
  ].reduce((sum, bytes) => sum + bytes, 0);
  // The same model twice is loaded once.
  if (challenger && challenger.model_id !== main.model_id && heap > HEAP_BUDGET_BYTES) {
    throw invalid(
      "challenger",
      `Main and challenger together take ${mb(heap)} of memory, and there are ${mb(HEAP_BUDGET_BYTES)}. Choose a smaller challenger, or none.`,
    );
  }
}

function inSameProject(experimentId: string) {
  return sql`${experiments.projectId} = (select "own"."projectId" from ${experiments} as "own" where "own"."id" = ${experimentId})`;
}

interface FoundModel {
  model: typeof models.$inferSelect;
  number: number;
  experimentId: string;
}

function checkModel(
  rows: readonly FoundModel[],
  experimentId: string,
  choice: ModelChoice,
  role: "main" | "challenger",
): number {
  const row = rows.find(({ model }) => model.id === choice.model_id);
  const path = `${role}.model_id`;
  if (!row) throw invalid(path, "Model not found.");
  if (row.experimentId !== experimentId) {
    throw invalid(
      path,
      "This model belongs to another experiment. Main and challenger must be of the experiment that is deployed, of any of its versions.",
    );
  }
  if (row.number !== choice.version)
    throw invalid(`${role}.version`, `This model belongs to version ${row.number}, not ${choice.version}.`);
  if (row.model.state === "failed") {
    throw invalid(
      path,
      `The model "${row.model.name}" did not pass its trial: ${row.model.errorMessage ?? "see its report"}`,
    );
  }
  if (row.model.state !== "succeeded") {
    throw invalid(path, `The model "${row.model.name}" is still being tried. Wait until its state is succeeded.`);
  }
  return row.model.heapBytes ?? 0;
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
}
