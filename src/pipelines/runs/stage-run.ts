import { allowsPrivateNetwork } from "../../config.ts";
import type { Database } from "../../db.ts";
import type { ResultColumn } from "../../inference/batch/run-result.ts";
import { isNumberFeature, type ServedFeature, type ServingSpec } from "../../inference/spec/serving-spec.ts";
import type { CellType } from "../../lib/cell-evidence.ts";
import { openConnection } from "../connections/open-connection.ts";
import { findConnection } from "../connections/queries.ts";
import { findDataset } from "../datasets/queries.ts";
import { SourceError } from "../sources/source-error.ts";
import { stage } from "../sources/stage.ts";
import { type Staged, stagedKey } from "../sources/staged.ts";
import { listed, requireFeatures } from "./feature-columns.ts";
import type { RunTask } from "./run-progress.ts";
import { whileWanted } from "./while-wanted.ts";

/** Brings the rows of a run's source into the store, and sees to it that the models can be asked about them. Throws SourceError. */
export async function stageRun(
  { env, db }: { env: Env; db: Database },
  { runId, projectId, source }: RunTask,
  spec: ServingSpec,
): Promise<Staged> {
  const staged = await whileWanted(db, runId, (signal) =>
    stage(source, {
      store: env.STORE,
      runId,
      signal,
      fetch: (...request) => fetch(...request),
      allowPrivate: allowsPrivateNetwork(env),
      dataset: (id) => findDataset(db, projectId, id),
      connection: async (id) => {
        const row = await findConnection(db, projectId, id);
        if (!row)
          throw new SourceError("connection_missing", "The connection of this source is gone. Choose another source.");
        return openConnection(env, row);
      },
    }),
  );
  try {
    requireFeatures(staged.columns, spec);
    refuseTakenNames(staged.columns, spec);
  } catch (error) {
    // Nothing is predicted of these rows: a retry reads the source as it is then.
    await env.STORE.delete(stagedKey(runId));
    throw error;
  }
  return staged;
}

/**
 * The columns of a source, with what they hold: features what the model reads, others what the source declares, or else what all their
 * cells are. A decimal of a database stays one, also where a model reads it as a number.
 */
export function sourceColumns(
  { columns, cells, types }: Pick<Staged, "columns" | "cells" | "types">,
  { features }: ServingSpec,
): ResultColumn[] {
  const known = new Map(features.map((feature) => [feature.name, feature]));
  return columns.map((name, column): ResultColumn => {
    const declared = types?.[column] ?? null;
    const { type: found = "text", isLong = false } = cells?.[column] ?? {};
    const feature = known.get(name);
    const isKept = !feature || (feature.kind === "numeric" && declared?.type === "decimal");
    if (declared && isKept) return { name, ...declared, role: "source" };
    const shown = declared?.type === "number" ? "number" : found;
    return { name, type: feature ? featureType(feature, shown, isLong) : found, role: "source" };
  });
}

function featureType(feature: ServedFeature, found: CellType, isLong: boolean): CellType {
  if (feature.kind === "boolean") return "boolean";
  // What tensors of strings and of numbers read both is a number only where it is written as one.
  const isWrittenAsNumber = found === "number" || found === "integer";
  if (feature.kind !== "numeric" || (!isNumberFeature(feature) && !isWrittenAsNumber)) return "text";
  // Doubles, as a table that takes no fractions would refuse those of the next run; but identifiers are to arrive whole.
  return found === "integer" && isLong && feature.summary.reference.integer ? "integer" : "number";
}

/** The result has the columns of the source and ours: no two may have one name. */
function refuseTakenNames(names: readonly string[], { main, challenger }: ServingSpec): void {
  const labels = [main, challenger].flatMap((model) => model?.plan.classes?.shown ?? []);
  const ours = new Set(["prediction_id", "prediction", ...labels.map((label) => `probability_${label}`)]);
  const taken = names.filter((name) => ours.has(name));
  if (taken.length === 0) return;
  throw new SourceError(
    "columns_taken",
    `The source has a column ${listed(taken)}, which is what the predictions are called. Rename it in the source.`,
  );
}
