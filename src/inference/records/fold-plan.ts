import type { Database } from "../../db.ts";
import { findTargetSpread } from "../../experiments/target-spread.ts";
import { columnFold } from "../../windows/fold-column.ts";
import { loadAnswerReference, loadFeatureReference } from "../../windows/reference.ts";
import { emptyTally } from "../../windows/tally.ts";
import type { ServedModel, ServingSpec } from "../spec/serving-spec.ts";
import type { FoldPlan } from "./count-records.ts";

/** Numbers of a regression agree up to this share of the target's standard deviation. */
const AGREEMENT_SHARE = 0.05;

/** How the records of a version are counted: by the training reference of its main model, and by what each model answered to its own. */
export async function loadFoldPlan(env: Env, db: Database, spec: ServingSpec): Promise<FoldPlan> {
  const [columns, main, challenger, tolerance] = await Promise.all([
    loadFeatureReference(env.STORE, spec.main.experimentVersion.id),
    answersOf(env, spec.main),
    spec.challenger && answersOf(env, spec.challenger),
    agreementTolerance(env, db, spec),
  ]);
  // As the reference knows them: what only tensors of strings read may look like numbers there.
  const kinds = new Map(spec.features.map(({ name, summary }) => [name, summary.kind]));
  return {
    features: columns
      .filter(({ name, kind }) => kinds.get(name) === kind)
      .map((column) => ({
        name: column.name,
        slots: emptyTally(column.binning).length,
        fold: columnFold(column),
      })),
    main,
    challenger,
    tolerance,
  };
}

/** The absolute difference up to which the numbers of both models agree; null where the target is not numeric. */
export async function agreementTolerance(
  env: Env,
  db: Database,
  { main }: Pick<ServingSpec, "main">,
): Promise<number | null> {
  if (main.plan.task !== "regression") return null;
  const spread = await findTargetSpread(env, db, main.id);
  return spread === null ? null : spread * AGREEMENT_SHARE;
}

async function answersOf(env: Env, { id }: ServedModel): Promise<FoldPlan["main"]> {
  return { id, reference: await loadAnswerReference(env.STORE, id) };
}
