import { readStoredProfile } from "../experiments/create-version.ts";
import type { Calibration } from "../experiments/trial/learn-calibration.ts";
import type { OutputDistribution } from "../experiments/trial/measure-model.ts";
import { trialKey } from "../experiments/model-files.ts";
import type { CodeTail } from "../experiments/training/code-tail.ts";
import type { CategoricalProfile, FeatureProfile, ReferenceProfile } from "../experiments/training/profile.ts";
import { MONITORED_FEATURES_MAX } from "../experiments/training/profile.ts";
import type { NumberProfile } from "../experiments/training/profile-numeric.ts";
import { unseenWordRate, wordTest } from "../experiments/training/word-set.ts";
import type { Binning, ReferenceColumn } from "./reference-column.ts";
import { binsFrom, displayFrom, emptyTally, sumsFrom, tailFrom, TALLY } from "./tally.ts";

/** How a model answered its holdout, else training rows. */
export interface AnswerReference {
  /** The number that a model answers or its anomaly score; else its labels. Null when it answered nothing that can be compared. */
  column: ReferenceColumn | null;
  /** Its probabilities by class; empty where it answers none, and where they were not kept. */
  scores: { label: string; column: ReferenceColumn }[];
  /** An overfit model looks drifted against training rows, so charts say which these are. */
  source: "holdout" | "training";
  /** How often it was right there, by how sure it was; null where that is not known. */
  calibration: Calibration | null;
}

/** The name under which answers stand beside features; no feature may be asked for by it. */
export const PREDICTION = "@prediction";
/** Before the label of a class: the name of its probabilities. */
export const SCORE = "@score:";

const CACHED_MAX = 50;
const featureCache = new Map<string, ReferenceColumn[]>();
const answerCache = new Map<string, AnswerReference>();

/** The monitored features of an experiment version. A version never changes, so they are read once an isolate. */
export async function loadFeatureReference(store: R2Bucket, versionId: string): Promise<ReferenceColumn[]> {
  const present = featureCache.get(versionId);
  if (present) return present;
  const { profile } = await readStoredProfile(store, versionId);
  return keep(featureCache, versionId, referenceColumns(profile));
}

/** The monitored features of a profile as windows are compared with them, in its order. */
export function referenceColumns(profile: ReferenceProfile): ReferenceColumn[] {
  return profile.features.slice(0, MONITORED_FEATURES_MAX).map(featureColumn);
}

/** The answers of a model to its reference rows; null when it has not been tried. */
export async function loadAnswerReference(store: R2Bucket, modelId: string): Promise<AnswerReference | null> {
  const present = answerCache.get(modelId);
  if (present) return present;
  const object = await store.get(trialKey(modelId));
  if (!object) return null;
  const { source, ...distribution } = await object.json<OutputDistribution & { source: AnswerReference["source"] }>();
  return keep(answerCache, modelId, {
    column: answerColumn(distribution),
    scores: (distribution.scores ?? []).map(({ label, numbers }) => ({
      label,
      column: numbersOfAnswers(SCORE + label, distribution.rows, numbers),
    })),
    source,
    calibration: distribution.calibration && "edges" in distribution.calibration ? distribution.calibration : null,
  });
}

function keep<T>(cache: Map<string, T>, key: string, value: T): T {
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(key, value);
  return value;
}

function featureColumn(profile: FeatureProfile): ReferenceColumn {
  const { name, rows, missing } = profile;
  switch (profile.kind) {
    case "numeric":
      return { ...numberColumn(name, rows, missing, profile), kind: "numeric", unseenWordRate: null };
    case "text": {
      const column = numberColumn(name, rows, missing, profile.length);
      const words = profile.words;
      column.binning.kind = "texts";
      column.binning.words = words && { has: wordTest(words) };
      return { ...column, kind: "text", unseenWordRate: words && unseenWordRate(words) };
    }
    case "boolean":
      return categoryColumn(
        name,
        "boolean",
        [
          { value: "true", count: profile.true },
          { value: "false", count: profile.false },
        ],
        { rows, missing, unseen: 0 },
      );
    case "categorical":
      return categoryColumn(name, "categorical", profile.categories, {
        rows,
        missing,
        unseen: profile.tail ? 0 : profile.other,
        distinct: profile.categories.length + profile.others,
        rare: rareOf(profile),
        tail: profile.tail ?? null,
      });
  }
}

function answerColumn({ rows, numbers, labels }: OutputDistribution): ReferenceColumn | null {
  if (numbers) return numbersOfAnswers(PREDICTION, rows, numbers);
  if (!labels) return null;
  const counted = labels.reduce((sum, { count }) => sum + count, 0);
  return categoryColumn(PREDICTION, "categorical", labels, { rows, missing: rows - counted, unseen: 0 });
}

function numbersOfAnswers(name: string, rows: number, numbers: NumberProfile): ReferenceColumn {
  const counted = numbers.counts?.reduce((sum, count) => sum + count, 0) ?? 0;
  return { ...numberColumn(name, rows, rows - counted, numbers), kind: "numeric", unseenWordRate: null };
}

function numberColumn(name: string, rows: number, missing: number, profile: NumberProfile) {
  const binning: Binning = {
    kind: "numbers",
    edges: profile.edges ?? [],
    displayEdges: profile.display?.edges ?? [],
    categories: [],
    isWhole: profile.integer,
    hasSums: Boolean(profile.sums),
    tail: null,
    words: null,
  };
  const tally = emptyTally(binning);
  tally[TALLY.missing] = missing;
  tally.set(profile.counts ?? [], binsFrom());
  tally.set(profile.display?.counts ?? [], displayFrom(binning));
  tally.set(profile.sums ?? [], sumsFrom(binning));
  return { name, binning, rows, tally, distinct: profile.distinct, std: profile.std, rare: null };
}

function categoryColumn(
  name: string,
  kind: "boolean" | "categorical",
  categories: readonly { value: string; count: number }[],
  of: {
    rows: number;
    missing: number;
    unseen: number;
    distinct?: number;
    rare?: ReferenceColumn["rare"];
    tail?: CodeTail | null;
  },
): ReferenceColumn {
  const binning: Binning = {
    kind: "categories",
    edges: [],
    displayEdges: [],
    categories: categories.map(({ value }) => value),
    hasSums: false,
    tail: of.tail ? { has: wordTest(of.tail.known) } : null,
    words: null,
  };
  const tally = emptyTally(binning);
  tally[TALLY.missing] = of.missing;
  tally[TALLY.unseen] = of.unseen;
  tally.set(
    categories.map(({ count }) => count),
    binsFrom(),
  );
  tally.set(of.tail?.buckets ?? [], tailFrom(binning));
  const distinct = of.distinct ?? categories.filter(({ count }) => count > 0).length;
  return {
    name,
    kind,
    binning,
    rows: of.rows,
    tally,
    distinct,
    std: null,
    rare: of.rare ?? rareAmong(categories),
    unseenWordRate: null,
  };
}

/** A profile from before they were counted tells those of listed categories, and at most how many of the others there are. */
function rareOf({ categories, others, once, twice }: CategoricalProfile): NonNullable<ReferenceColumn["rare"]> {
  if (once !== undefined && twice !== undefined) return { once, twice };
  const listed = rareAmong(categories);
  return { once: listed.once + others, twice: listed.twice };
}

function rareAmong(categories: readonly { count: number }[]): NonNullable<ReferenceColumn["rare"]> {
  const that = (times: number) => categories.filter(({ count }) => count === times).length;
  return { once: that(1), twice: that(2) };
}
