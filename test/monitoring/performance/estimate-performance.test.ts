import { describe, expect, it } from "vitest";
import { type Calibration, learnCalibration, scoreBin } from "../../../src/experiments/trial/learn-calibration.ts";
import { contradiction, estimateModel } from "../../../src/monitoring/performance/estimate-model.ts";
import { estimatePerformance, isotonicShares } from "../../../src/monitoring/performance/estimate-performance.ts";
import { normalDraw, seededRandom } from "../../../src/lib/seeded-random.ts";
import reference from "./performance-reference.json" with { type: "json" };
import { estimateOnce, type Kind } from "../../../scripts/interval-coverage/estimate-once.ts";
import { describeThorough } from "../../support/thorough.ts";
import { binaryRows } from "./rows.ts";

const { estimate } = reference;
const calibration = estimate.calibration as Calibration;

describe("a calibration", () => {
  it("counts rows and hits by quantiles of the scores, wherever these lie", () => {
    const random = seededRandom(3);
    const rows = Array.from({ length: 2000 }, () => {
      const score = 0.1 + random() / 1000;
      return { score, isHit: random() < 0.3 };
    });
    const learnt = learnCalibration(rows, "second_class");
    if (!learnt) throw new Error("nothing was learnt");
    expect(learnt.edges.filter((edge) => edge > 0.1 && edge < 0.101).length).toBeGreaterThan(90);
    expect([learnt.edges[0], learnt.edges.at(-1)]).toEqual([0, 1]);
    expect(learnt.rows.reduce((sum, count) => sum + count, 0)).toBe(2000);
    expect(Math.max(...learnt.rows)).toBeLessThan(40);
    expect(learnt.hits.reduce((sum, count) => sum + count, 0)).toBe(rows.filter(({ isHit }) => isHit).length);
    expect(JSON.parse(JSON.stringify(learnt))).toEqual(learnt);
  });

  it("has a bin for every score, also for those beyond 0 and 1", () => {
    expect([-0.1, 0, 0.25, 0.5, 1, 1.1].map((score) => scoreBin([0, 0.25, 0.5, 1], score))).toEqual([0, 0, 1, 2, 2, 2]);
  });

  it("is not learnt of no rows", () => {
    expect(learnCalibration([], "second_class")).toBeNull();
  });

  it("has the neighbourhoods of scikit-learn's isotonic regression", () => {
    isotonicShares(calibration.rows, calibration.hits).forEach((share, bin) => {
      expect(share, `bin ${bin}`).toBeCloseTo(estimate.around[bin] ?? 0, 9);
    });
  });
});

describe("performance before labels", () => {
  const found = estimatePerformance(estimate.counts, calibration);
  if (found.state !== "estimated") throw new Error(found.state);
  const { metrics } = found;

  it.each(["accuracy", "f1", "roc_auc"] as const)(
    "is that of numpy for %s, by the labels that were answered",
    (name) => {
      expect(metrics[name]?.value).toBeCloseTo(estimate.expected[name], 9);
      const [low = 0, high = 0] = estimate.drawn[name];
      const [from, to] = metrics[name]?.interval ?? [0, 0];
      expect(Math.abs(from - low) / (high - low)).toBeLessThan(0.15);
      expect(Math.abs(to - high) / (high - low)).toBeLessThan(0.15);
    },
  );

  /** Three bins: 300 holdout rows of which 15, 150 and 285 came true. */
  const known: Calibration = {
    of: "second_class",
    edges: [0, 0.3, 0.7, 1],
    rows: [300, 300, 300],
    hits: [15, 150, 285],
  };

  // 60 rows at 0.05 and 40 at 0.95, answered from 0.5 on: hits 57 + 38; F1 = 2 * 38 / (40 + 3 + 38).
  it("is what one works out by hand", () => {
    const by = estimatePerformance([0, 0, 40, 60, 0, 0], known);
    if (by.state !== "estimated") throw new Error(by.state);
    expect(by.metrics.accuracy?.value).toBeCloseTo(0.95, 12);
    expect(by.metrics.f1?.value).toBeCloseTo(76 / 81, 12);
    expect(by.metrics.roc_auc?.value).toBeCloseTo((38 * 57 + (3 * 57 + 38 * 2) / 2) / (41 * 59), 12);
    // The same rows, all answered with the second class.
    const low = estimatePerformance([60, 0, 40, 0, 0, 0], known);
    expect(low.state === "estimated" && low.metrics.accuracy?.value).toBeCloseTo(0.41, 12);
  });

  it("of more than two classes is accuracy alone", () => {
    const by = estimatePerformance([0, 50, 50, 0, 0, 0], { ...known, of: "answered_class" });
    expect(by.state === "estimated" && Object.keys(by.metrics)).toEqual(["accuracy"]);
    expect(by.state === "estimated" && by.metrics.accuracy?.value).toBeCloseTo((0.5 + 0.95) / 2, 12);
  });

  it("is not made of a few holdout rows, of scores beyond all of them, or of no rows", () => {
    const state = (counts: number[], by: Calibration = known) => estimatePerformance(counts, by).state;
    expect(state([0, 0, 0, 0, 0, 0])).toBe("no_rows");
    expect(state([9, 9, 9, 0, 0, 0], { ...known, rows: [33, 33, 33], hits: [15, 15, 15] })).toBe("few_holdout_rows");
    expect(state([9, 9, 9, 0, 0, 0], { ...known, hits: [0, 4, 15] })).toBe("few_holdout_rows");
    const narrow = { ...known, rows: [300, 300, 0], hits: [15, 150, 0] };
    expect(state([0, 0, 11, 89, 0, 0], narrow)).toBe("scores_beyond_holdout");
    expect(state([0, 0, 10, 90, 0, 0], narrow)).toBe("estimated");
  });

  it("has no interval for fewer than 30 rows", () => {
    const by = estimatePerformance([0, 0, 14, 15, 0, 0], known);
    expect(by.state === "estimated" && by.metrics.accuracy?.interval).toBeNull();
  });
});

describe("an estimate", () => {
  const random = seededRandom(4);
  /** Scores that come true as often as they say, or the other way round. */
  const rows = (count: number, isTurned = false) => {
    const score = Array.from({ length: count }, () => 1 / (1 + Math.exp(-2 * normalDraw(random))));
    return { score, actual: score.map((chance) => (random() < chance !== isTurned ? 1 : 0)) };
  };
  const holdout = rows(2000);
  const learnt = learnCalibration(
    holdout.score.map((score, row) => ({ score, isHit: holdout.actual[row] === 1 })),
    "second_class",
  );
  if (!learnt) throw new Error("nothing was learnt");
  const counts = new Float64Array(2 * learnt.rows.length);
  for (const score of rows(500).score) {
    const slot = scoreBin(learnt.edges, score) + (score >= 0.5 ? 0 : learnt.rows.length);
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  const labelledRows = (count: number, isTurned = false) => {
    const { actual, score } = rows(count, isTurned);
    return binaryRows(actual, score);
  };
  const input = { counts, reference: { source: "holdout" as const, calibration: learnt }, role: "main" as const };

  it("stands while labels agree with it", () => {
    const states = Array.from({ length: 40 }, () => estimateModel({ ...input, labelled: labelledRows(200) }).state);
    expect(states.filter((state) => state === "contradicted").length).toBeLessThanOrEqual(2);
  });

  it("is withdrawn where labels contradict it, and says what they say", () => {
    const found = estimateModel({ ...input, labelled: labelledRows(200, true) });
    expect(found).toMatchObject({ state: "contradicted", accuracy: { value: null, interval: null } });
    expect(found.contradiction).toMatchObject({ metric: "accuracy", rows: 200 });
    expect(found.contradiction?.actual).toBeLessThan(0.4);
    expect(found.contradiction?.expected[0]).toBeGreaterThan(0.6);
    expect(contradiction(labelledRows(29, true), "main", learnt)).toBeNull();
  });

  it("is not made of training rows", () => {
    const labelled = labelledRows(0);
    const of = (reference: Parameters<typeof estimateModel>[0]["reference"]) =>
      estimateModel({ ...input, labelled, reference }).state;
    expect(of({ source: "training", calibration: null })).toBe("no_holdout");
    expect(of({ source: "holdout", calibration: null })).toBe("no_calibration");
    expect(of(null)).toBe("no_calibration");
    expect(estimateModel({ ...input, labelled, counts: null }).state).toBe("no_rows");
  });
});

describeThorough("the interval of an estimate", () => {
  const honest = (chance: number) => chance;
  it.each([0.005, 0.02, 0.1, 0.5])("holds what labels show in nine of ten runs, with %d positive", (positives) => {
    const threshold = Math.min(0.5, 4 * positives);
    const kinds: Kind[] = [
      { positives, shift: 0, threshold, score: honest },
      { positives, shift: Math.log(2), threshold, score: honest },
      { positives, shift: 0, threshold, score: (chance) => chance ** 2 },
    ];
    for (const kind of kinds) {
      const counts = { shown: 0, held: 0 };
      for (let run = 0; run < 60; run++) {
        const { estimate: one, truth } = estimateOnce(kind, 8000, 1000);
        if (one.state !== "estimated") continue;
        for (const [name, { interval }] of Object.entries(one.metrics)) {
          const real = truth[name] ?? null;
          if (!interval || real === null) continue;
          counts.shown++;
          if (interval[0] <= real && real <= interval[1]) counts.held++;
        }
      }
      expect(counts.shown).toBeGreaterThan(100);
      expect(counts.held / counts.shown).toBeGreaterThan(0.9);
    }
  });
});
