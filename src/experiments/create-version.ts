import { eq, type SQL, sql } from "drizzle-orm";
import { requireUser } from "../access/authorize.ts";
import { auditedChange } from "../audit/audited-change.ts";
import type { Database } from "../db.ts";
import { AppError, type FieldError } from "../errors.ts";
import { CsvError } from "../lib/csv-error.ts";
import { newId } from "../lib/id.ts";
import type { VerbContext } from "../verb-context.ts";
import type { Finding } from "../onnx/finding.ts";
import { type FeatureSchema, parseStatedSchema } from "./training/feature.ts";
import { inferSchema } from "./training/infer-schema.ts";
import { deleteFiles, holdoutKey, profileKey, referenceKey, versionPrefix } from "./model-files.ts";
import { profileTable, type ReferenceProfile } from "./training/profile.ts";
import { type ExperimentRow, requireExperiment, type VersionRow } from "./queries.ts";
import { experimentVersions } from "./schema.ts";
import { readTrainingTable } from "./training/training-table.ts";
import { summariseFeature } from "./version-features.ts";

export interface VersionInput {
  reference: Uint8Array;
  holdout: Uint8Array | null;
  /** As it was sent; null: kinds are inferred. */
  schema: unknown;
}

/** What is kept of a version beside the files: everything that later reads of the reference start from. */
export interface StoredProfile {
  schema: FeatureSchema;
  profile: ReferenceProfile;
}

/**
 * Adds a version to an experiment: reads and profiles the training reference, checks the holdout against it, keeps both.
 * Throws 422 `invalid_input` naming the file, the line and the cure when one of them cannot be used; then nothing is kept.
 */
export async function createVersion(
  ctx: VerbContext,
  { experiment: experimentId, ...input }: VersionInput & { experiment: string },
): Promise<VersionRow> {
  const { db, caller, nowMs } = ctx;
  const store = ctx.env.STORE;
  const experiment = await requireExperiment(db, caller, experimentId, "change");
  const read = readFiles(experiment, input);
  const id = newId("ver");
  const stored: StoredProfile = { schema: read.schema, profile: read.profile };
  await Promise.all([
    store.put(referenceKey(id), input.reference),
    store.put(profileKey(id), JSON.stringify(stored)),
    input.holdout ? store.put(holdoutKey(id), input.holdout) : null,
  ]);
  const row = {
    id,
    experimentId,
    // Counted in the statement that inserts: two uploads at once get two numbers, or one of them a conflict.
    number: sql<number>`(select coalesce(max("number"), 0) + 1 from "experiment_versions" where "experimentId" = ${experimentId})`,
    state: "succeeded" as const,
    rows: read.rows,
    holdoutRows: read.holdoutRows,
    features: read.profile.features.map((profile) => summariseFeature(profile, read.cells.get(profile.name))),
    notes: read.notes.map((note) => note.message),
    createdBy: requireUser(caller).userId,
    createdAt: nowMs,
  };
  try {
    return await insertVersion(ctx, experiment, row);
  } catch (error) {
    await deleteFiles(store, versionPrefix(id));
    // Where the experiment was deleted meanwhile, that is what the caller is told.
    await requireExperiment(db, caller, experimentId, "change");
    throw error;
  }
}

type NewVersion = typeof experimentVersions.$inferInsert;

async function insertVersion(
  ctx: VerbContext,
  { projectId, name }: ExperimentRow,
  row: Omit<NewVersion, "number"> & { id: string; number: SQL<number> },
): Promise<VersionRow> {
  const { experimentId, rows, holdoutRows } = row;
  const numbered = sql`(select ${name} || ', version ' || "number" from "experiment_versions" where "id" = ${row.id})`;
  const [inserted] = await auditedChange(ctx, ctx.db.insert(experimentVersions).values(row).returning(), {
    projectId,
    action: "version.create",
    object: { kind: "version", id: row.id, name: numbered },
    after: { experiment_id: experimentId, rows, ...(holdoutRows === null ? {} : { holdout_rows: holdoutRows }) },
  });
  if (!inserted) throw new Error(`version ${row.id} was inserted and not returned`);
  return inserted;
}

/** Reads back what createVersion kept of the reference. */
export async function readStoredProfile(store: R2Bucket, versionId: string): Promise<StoredProfile> {
  const object = await store.get(profileKey(versionId));
  if (!object) throw new Error(`the profile of version ${versionId} is missing from the store`);
  return object.json<StoredProfile>();
}

function readFiles(experiment: ExperimentRow, input: VersionInput) {
  const target =
    experiment.target === null
      ? null
      : ({ name: experiment.target, kind: experiment.task === "regression" ? "numeric" : "label" } as const);
  const stated = input.schema === null ? {} : parseStatedSchema(input.schema);
  const reference = readPart("reference", () => {
    const { schema, csv, cells, notes } = inferSchema(input.reference, target, stated);
    return { schema, cells, notes, rows: csv.rows, table: readTrainingTable(input.reference, schema) };
  });
  if (reference.schema.features.length === 0) {
    throw partError(
      "reference",
      "The training reference has no feature column: every column is the target or is left out by the schema.",
    );
  }
  const { holdout } = input;
  const checked = holdout
    ? readPart("holdout", () => readTrainingTable(holdout, reference.schema, { file: "holdout" }))
    : null;
  const notes: Finding[] = [...reference.notes, ...reference.table.notes, ...(checked?.notes ?? [])];
  return {
    schema: reference.schema,
    cells: reference.cells,
    profile: profileTable(reference.table),
    rows: reference.rows,
    holdoutRows: checked?.rowsOfFile ?? null,
    notes,
  };
}

/** What is wrong with a CSV becomes a 422 that names the part it came in. */
function readPart<T>(part: "reference" | "holdout", read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw partError(part, error.message, error.code);
  }
}

function partError(path: string, message: string, csvCode?: string): AppError {
  const errors: FieldError[] = [{ path, message }];
  return new AppError("invalid_input", `${path === "holdout" ? "Holdout" : "Training reference"}: ${message}`, {
    errors,
    ...(csvCode ? { extra: { csv_code: csvCode } } : {}),
  });
}

/** The version with this id; null when there is none. */
export async function findVersion(db: Database, versionId: string): Promise<VersionRow | null> {
  return (await db.select().from(experimentVersions).where(eq(experimentVersions.id, versionId)).get()) ?? null;
}
