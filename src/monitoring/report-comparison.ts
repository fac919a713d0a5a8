import type { Database } from "../db.ts";
import type { FeatureFilter } from "../inference/records/find-disagreements.ts";
import { agreementTolerance } from "../inference/records/fold-plan.ts";
import { findServingSpec } from "../inference/spec/find-serving-spec.ts";
import { type DisagreementPage, listDisagreements } from "../inference/read/list-disagreements.ts";
import { iso } from "../lib/time.ts";
import { extraColumns } from "../engine/serving-plan.ts";
import { PAIR, pairName, SILENCE, silenceName } from "../windows/answer-counts.ts";
import type { Counts } from "../windows/counts.ts";
import { byStart, mergeWindows } from "../windows/merge-windows.ts";
import { readWindows, type WindowQuery } from "../windows/read-windows.ts";
import { comparedJson, comparedVersions, pairNumbers } from "./compared-versions.ts";
import type { Monitored } from "./monitored.ts";
import type { TimeSpan } from "./time-span.ts";

/** How often two models agree, and what became of the challenger's answers. */
export interface PairCounts {
  /** Rows that both answered with something that compares. */
  n: number;
  /** The share of them on which they say the same; null for none. */
  agreement: number | null;
  /** By how much the challenger's score is higher on average: its number, or its probability; null for none. */
  score_shift: number | null;
  challenger: { ok: number; errors: number; skipped: number; pending: number };
  /** Why rows were skipped, as far as it was counted. */
  skipped: { missing_features: number; too_slow: number; suspended: number };
}

export interface ComparisonReport extends PairCounts {
  /** The versions whose rows these are: those of the pair, in either role. */
  versions: ReturnType<typeof comparedJson>;
  /** Up to which difference numbers agree; null: labels, or the target's spread is not known. */
  tolerance: number | null;
  /** The features that only the challenger needs. */
  extra_features: string[];
  series: (PairCounts & { at: string; rows: number })[];
  disagreements: DisagreementPage;
  /** False when a host could not be asked for its newest counts. */
  complete: boolean;
}

export interface ComparisonOptions {
  where: FeatureFilter | null;
  /** How many of the rows on which the two differ most. */
  limit: number;
}

/**
 * Main against challenger, on the same rows: of all versions of the deployment that pair these two models, in either role. Null without a
 * challenger. Who is better is not told by this: only actuals do.
 */
export async function reportComparison(
  { env, db }: { env: Env; db: Database },
  monitored: Monitored,
  span: TimeSpan,
  { where, limit }: ComparisonOptions,
): Promise<ComparisonReport | null> {
  const { deployment, main, challenger } = monitored;
  if (!challenger) return null;
  const compared = await comparedVersions(db, monitored, { ...span, isAll: false });
  const versions = pairNumbers(compared);
  const spec = await findServingSpec(db, deployment.id, span.version ?? deployment.currentVersion);
  const tolerance = spec && (await agreementTolerance(env, db, spec));
  const [{ windows, isComplete }, disagreements] = await Promise.all([
    readWindows(env, db, windowQuery(monitored, span), ["answers"]),
    listDisagreements(env, db, deployment.id, versions, {
      fromMs: span.fromMs,
      toMs: span.toMs,
      source: span.source,
      tolerance,
      where,
      limit,
    }),
  ]);
  const own = windows.filter(({ version }) => versions.includes(version));
  const pair = { mainId: main.id, challengerId: challenger.id };
  const merged = mergeWindows(own);
  return {
    ...pairCounts(merged.answers, pair, merged.rows),
    versions: comparedJson(compared),
    tolerance,
    extra_features: spec?.challenger ? extraColumns(spec.main.plan, spec.challenger.plan) : [],
    series: [...byStart(own)].map(([start, bucket]) => {
      const { answers, rows } = mergeWindows(bucket);
      return { at: iso(start), rows, ...pairCounts(answers, pair, rows) };
    }),
    disagreements,
    complete: isComplete,
  };
}

function windowQuery({ deployment }: Monitored, { bucket, fromMs, toMs, source, version }: TimeSpan): WindowQuery {
  const { id: deploymentId, currentVersion } = deployment;
  return { deploymentId, currentVersion, referenceId: null, span: bucket, fromMs, toMs, source, version };
}

/** Counts of both orders of the pair; errors and skipped rows are of the one that was in the shadow at the time. */
function pairCounts(
  answers: Counts,
  { mainId, challengerId }: { mainId: string; challengerId: string },
  rows: number,
): PairCounts {
  const same = answers.get(pairName(mainId, challengerId));
  const other = answers.get(pairName(challengerId, mainId));
  const silent = [silenceName(mainId, challengerId), silenceName(challengerId, mainId)].map((name) =>
    answers.get(name),
  );
  const silence = (slot: number): number => silent.reduce((sum, counts) => sum + (counts?.[slot] ?? 0), 0);
  const at = (slot: number): number => (same?.[slot] ?? 0) + (other?.[slot] ?? 0);
  const [ok, errors, skipped] = [at(PAIR.ok), at(PAIR.errors), at(PAIR.skipped)];
  const compared = at(PAIR.compared);
  const scored = at(PAIR.scored);
  const higherBy = (same?.[PAIR.higherBy] ?? 0) + (other?.[PAIR.lowerBy] ?? 0);
  const lowerBy = (same?.[PAIR.lowerBy] ?? 0) + (other?.[PAIR.higherBy] ?? 0);
  return {
    n: compared,
    agreement: compared === 0 ? null : at(PAIR.agreed) / compared,
    score_shift: scored === 0 ? null : (higherBy - lowerBy) / scored,
    challenger: { ok, errors, skipped, pending: Math.max(0, rows - ok - errors - skipped) },
    skipped: {
      missing_features: silence(SILENCE.missing_features),
      too_slow: silence(SILENCE.too_slow),
      suspended: silence(SILENCE.suspended),
    },
  };
}
