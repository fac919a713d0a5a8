import type { Database } from "../db.ts";
import { listLabelled } from "../inference/read/list-labelled.ts";
import type { LabelledAnswer, LabelledFilter, LabelledRecords } from "../inference/records/labelled-records.ts";
import type { ModelRole } from "../windows/answer-counts.ts";
import type { ComparedVersions } from "./compared-versions.ts";

/** Labelled rows; `isPaired` says of each whether its version has the pair of models that is compared. */
export interface ComparedRecords extends LabelledRecords {
  isPaired: boolean[];
}

/**
 * The newest labelled records of versions, in the order in which their labels arrived; where a version has the pair the other way
 * round, its models' answers change places. Class labels are those of all versions, the newest first; a class that a version does not
 * have has probability 0 there.
 */
export async function listCompared(
  env: Env,
  db: Database,
  deploymentId: string,
  compared: readonly ComparedVersions[],
  filter: LabelledFilter,
): Promise<ComparedRecords> {
  const parts = await Promise.all(
    compared.map(async ({ numbers, pair }) => {
      const found = await listLabelled(env, db, deploymentId, numbers, filter);
      return { pair, found: pair === "swapped" ? swapped(found) : found };
    }),
  );
  const labels = { main: allLabels(parts, "main"), challenger: allLabels(parts, "challenger") };
  const rows = parts
    .flatMap(({ pair, found }) =>
      found.rows.map((row) => ({
        ...row,
        main: arranged(row.main, found.classLabels.main, labels.main),
        challenger: row.challenger && arranged(row.challenger, found.classLabels.challenger, labels.challenger),
        isPaired: pair !== "other",
      })),
    )
    .sort((one, other) => one.arrivedAt - other.arrivedAt || one.position - other.position);
  const newest = rows.slice(-filter.limit);
  return {
    rows: newest,
    classLabels: labels,
    more: rows.length > filter.limit || parts.some(({ found }) => found.more),
    isPaired: newest.map(({ isPaired }) => isPaired),
  };
}

/** A row that the challenger did not answer has no answer of main then. */
function swapped({ rows, classLabels, more }: LabelledRecords): LabelledRecords {
  const none: LabelledAnswer = { prediction: null, probabilities: null };
  return {
    rows: rows.map((row) => ({ ...row, main: row.challenger ?? none, challenger: row.main })),
    classLabels: { main: classLabels.challenger, challenger: classLabels.main },
    more,
  };
}

function allLabels(parts: readonly { found: LabelledRecords }[], role: ModelRole): string[] | null {
  const labels = new Set(parts.flatMap(({ found }) => found.classLabels[role] ?? []));
  return labels.size === 0 ? null : [...labels];
}

function arranged(answer: LabelledAnswer, own: string[] | null, all: string[] | null): LabelledAnswer {
  const { probabilities } = answer;
  if (
    !probabilities ||
    !own ||
    !all ||
    (own.length === all.length && own.every((label, place) => label === all[place]))
  ) {
    return answer;
  }
  return {
    ...answer,
    probabilities: all.map((label) => (own.includes(label) ? (probabilities[own.indexOf(label)] ?? null) : 0)),
  };
}
