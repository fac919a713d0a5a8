import { allowsPrivateNetwork } from "../../config.ts";
import type { Database } from "../../db.ts";
import type { ResultColumn } from "../../inference/batch/run-result.ts";
import type { ServedFeature, ServingSpec } from "../../inference/serving-spec.ts";
import { holdsMissing } from "../../engine/build-tensors.ts";
import { openConnection } from "../connections/open-connection.ts";
import { findConnection } from "../connections/queries.ts";
import { findDataset } from "../datasets/queries.ts";
import { SourceError } from "../sources/source-error.ts";
import { stage } from "../sources/stage.ts";
import type { Staged } from "../sources/staged.ts";
import type { RunTask } from "./run-progress.ts";

/** Brings the rows of a run's source into the store, and sees to it that the models can be asked about them. Throws SourceError. */
export async function stageRun(
  { env, db }: { env: Env; db: Database },
  { runId, projectId, source }: RunTask,
  spec: ServingSpec,
): Promise<Staged> {
  const staged = await stage(source, {
    store: env.STORE,
    runId,
    fetch: (...request) => fetch(...request),
    allowPrivate: allowsPrivateNetwork(env),
    dataset: (id) => findDataset(db, projectId, id),
    connection: async (id) => {
      const row = await findConnection(db, projectId, id);
      if (!row)
        throw new SourceError("connection_missing", "The connection of this source is gone. Choose another source.");
      return openConnection(env, row);
    },
  });
  requireFeatures(staged.columns, spec);
  refuseTakenNames(staged.columns, spec);
  return staged;
}

/** The columns of a source, with what they hold: of a feature that is known, of others they are texts. */
export function sourceColumns(names: readonly string[], { features }: ServingSpec): ResultColumn[] {
  const kinds = new Map(features.map(({ name, kind }) => [name, kind]));
  return names.map((name): ResultColumn => {
    const kind = kinds.get(name);
    const type = kind === "numeric" ? "number" : kind === "boolean" ? "boolean" : "text";
    return { name, type, role: "source" };
  });
}

/** A column without which no row could be predicted is missed once, and not in each row. */
function requireFeatures(names: readonly string[], { features, typePolicy }: ServingSpec): void {
  const present = new Set(names);
  const isNeeded = ({ name, mainTensors }: ServedFeature) =>
    !present.has(name) && mainTensors.length > 0 && (typePolicy === "strict" || !mainTensors.every(holdsMissing));
  const missing = features.filter(isNeeded).map(({ name }) => name);
  if (missing.length === 0) return;
  throw new SourceError(
    "columns_missing",
    `The source has no column ${listed(missing)}, and the model needs a value there. Add what is missing, spelled as in the training data.`,
  );
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

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return shown.join(", ") + more;
}
