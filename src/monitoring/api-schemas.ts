import { z } from "zod";
import { FEATURE_KINDS } from "../experiments/training/feature.ts";
import { recordSchema } from "../inference/read/record-json.ts";
import { DRIFT_METHODS } from "./drift/methods.ts";

const state = z
  .enum(["ok", "minor", "warning", "drift", "not_enough_data"])
  .describe(
    "minor: beyond chance, but small. warning: beyond chance, and above what calm buckets stay below. drift: beyond chance, and large",
  );
const at = z.iso.datetime();
const count = z.number().int();

const columnDrift = z.object({
  method: z.enum(DRIFT_METHODS),
  statistic: z
    .number()
    .nullable()
    .describe("Of the method, over all values: Wasserstein as scipy computes it, over the standard deviation"),
  effect: z
    .number()
    .nullable()
    .describe("How large the change is: of the values by the method, or of the check that made the state"),
  threshold: z.number().describe("The effect from which a change beyond chance is drift"),
  calm_threshold: z
    .number()
    .nullable()
    .describe("Mean + 3 standard deviations of the effect in six calm buckets or more"),
  p_value: z.number().nullable().describe("Corrected for all checks judged together (Benjamini-Hochberg)"),
  n: count,
  state,
  checks: z.array(
    z.object({
      of: z.enum(["values", "missing", "unseen", "out_of_range", "words"]),
      effect: z.number(),
      threshold: z.number(),
      minor_threshold: z.number(),
      p_value: z.number().nullable(),
      state,
    }),
  ),
  reason: z.string().nullable(),
});
const scoreDrift = columnDrift.extend({ class: z.string().nullable() });
const predictionDrift = columnDrift.extend({
  source: z.enum(["holdout", "training"]).nullable(),
  label: columnDrift.nullable().describe("Of the labels; null if the model answers none"),
  score: scoreDrift
    .extend({ classes: z.array(scoreDrift) })
    .nullable()
    .describe("Of the probabilities: the class that moved most, and each class. Null if there are none"),
});

export const driftSchema = z.object({
  reference: z.object({
    version: count,
    rows: count,
    kind: z.enum(["training", "span", "previous"]).describe("By the monitoring settings of the deployment"),
    from: at.nullable(),
    to: at.nullable(),
  }),
  references: z
    .array(
      z.object({
        version: count,
        rows: count,
        deployment_versions: z.array(count),
        window: z.object({ rows: count }),
        state,
      }),
    )
    .describe(
      "What the rows are compared with: first the reference of this report, then, with version=all, the others",
    ),
  window: z.object({ rows: count, from: at, to: at }),
  state,
  features: z.array(
    columnDrift.extend({
      name: z.string(),
      kind: z.enum(FEATURE_KINDS),
      muted: z.boolean().describe("By the monitoring settings: it counts neither for the state nor for alerts"),
      missing: count,
      invalid: count
        .nullable()
        .describe("Of the missing: a value was sent that could not be read. Null where this was not counted"),
      unseen: count,
      out_of_range: count,
    }),
  ),
  prediction: z.object({ main: predictionDrift, challenger: predictionDrift.nullable() }),
  series: z.array(
    z.object({
      at,
      rows: count,
      state,
      features: z.record(z.string(), z.number().nullable()),
      prediction: z.object({ main: z.number().nullable(), challenger: z.number().nullable() }),
      effects: z.object({
        features: z.record(z.string(), z.number().nullable()),
        main: z.number().nullable(),
        challenger: z.number().nullable(),
      }),
    }),
  ),
  complete: z.boolean(),
});

const outsideBins = z.object({
  missing: count,
  unseen: count,
  unlisted: count.describe("Categories that the reference knows, and does not list"),
  below: count,
  above: count,
  words: count,
  unseen_words: count,
});
const counts = z.array(count);

export const distributionSchema = outsideBins.extend({
  feature: z.string(),
  kind: z.enum(FEATURE_KINDS),
  edges: z.array(z.number()).nullable(),
  categories: z.array(z.string()).nullable(),
  reference: counts,
  reference_outside: outsideBins,
  current: z.union([counts, z.object({ main: counts, challenger: counts.nullable() })]),
  rows: count,
  series: z.array(
    outsideBins.extend({
      at,
      rows: count,
      p10: z.number().nullable(),
      p50: z.number().nullable(),
      p90: z.number().nullable(),
      counts,
    }),
  ),
  complete: z.boolean(),
});

const pairCounts = z.object({
  n: count,
  agreement: z.number().nullable(),
  score_shift: z.number().nullable(),
  challenger: z.object({ ok: count, errors: count, skipped: count, pending: count }),
  skipped: z
    .object({ missing_features: count, too_slow: count, suspended: count })
    .describe("Why rows were skipped, as far as it was counted"),
});

const model = z.object({ model_id: z.string(), name: z.string() });
const versions = z
  .array(
    z.object({
      number: count,
      main: model,
      challenger: model.nullable(),
      reference: count.describe("The version of the experiment whose training data the main model is compared with"),
      pair: z
        .enum(["same", "swapped", "other"])
        .describe(
          "swapped: the two models had each other's role, so their answers changed places here; other: other models",
        ),
    }),
  )
  .describe("The versions of the deployment whose rows these are");

export const comparisonSchema = pairCounts.extend({
  versions,
  challenger: pairCounts.shape.challenger.nullable().describe("Null if the deployment has none"),
  tolerance: z.number().nullable(),
  extra_features: z.array(z.string()).describe("Features that only the challenger needs"),
  series: z.array(pairCounts.extend({ at, rows: count })),
  disagreements: z.array(recordSchema.extend({ distance: z.number() })),
  disagreements_complete: z.boolean(),
  complete: z.boolean(),
});

const interval = z.tuple([z.number(), z.number()]).nullable();
const estimate = z.object({ value: z.number().nullable(), interval });
const estimates = z.record(z.string(), estimate);
const values = z.record(z.string(), z.number().nullable());
const answered = z.object({ main: count, challenger: count.nullable() });
const estimated = z
  .object({
    state: z
      .enum([
        "estimated",
        "contradicted",
        "no_rows",
        "no_holdout",
        "no_calibration",
        "few_holdout_rows",
        "scores_beyond_holdout",
      ])
      .describe("Values are null in all states but estimated"),
    accuracy: estimate,
    f1: estimate.optional(),
    roc_auc: estimate.optional(),
    contradiction: z
      .object({
        metric: z.enum(["accuracy", "f1", "roc_auc"]),
        rows: count,
        expected: z.tuple([z.number(), z.number()]),
        actual: z.number(),
      })
      .nullable()
      .describe("What labelled rows say against the estimate"),
  })
  .nullable();
const calibration = z
  .object({
    reliability: z
      .array(
        z.object({
          from: z.number(),
          to: z.number(),
          rows: count,
          meanConfidence: z.number().nullable(),
          meanOutcome: z.number().nullable(),
        }),
      )
      .nullable(),
    confusion: z.object({ labels: z.array(z.string()), counts: z.array(z.array(count)) }).nullable(),
  })
  .nullable();

export const performanceSchema = z.object({
  labelled: count,
  versions,
  answered,
  main: estimates,
  challenger: estimates.nullable(),
  complete: z.boolean().describe("False if older labels were left out"),
  verdict: z
    .object({
      state: z.enum(["challenger_better", "challenger_worse", "undecided"]),
      metric: z.enum(["mse", "log_loss", "error_rate"]),
      difference: z.number().nullable().describe("Main minus challenger: above 0 the challenger is better"),
      interval,
      n: count,
      differing: count.describe("Rows on which the losses differ"),
      rows_needed: count.nullable(),
      decided_at: count.nullable(),
    })
    .nullable(),
  series: z.array(z.object({ at, n: count, answered, main: values, challenger: values.nullable() })),
  calibration: z.object({ main: calibration, challenger: calibration }),
  estimated: z.object({ rows: count, main: estimated, challenger: estimated }),
});
