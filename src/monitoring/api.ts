import { z } from "zod";
import { database } from "../db.ts";
import { deploymentParams } from "../deployments/deployment-params.ts";
import { type Api, endpoint } from "../endpoint.ts";
import { invalid } from "../errors.ts";
import type { AppContext } from "../http.ts";
import { recordJson } from "../inference/read/record-json.ts";
import { PREDICTION } from "../windows/reference.ts";
import { DRIFT_METHODS, type DriftMethodId } from "./drift/methods.ts";
import { comparisonSchema, distributionSchema, driftSchema, performanceSchema } from "./api-schemas.ts";
import { monitoredVersion } from "./monitored-version.ts";
import { type Monitored, requireMonitored } from "./monitored.ts";
import { reportComparison } from "./report-comparison.ts";
import { reportDistribution } from "./report-distribution.ts";
import { reportPerformance } from "./report-performance.ts";
import { reportDrift } from "./report-drift.ts";
import { spanQuery, timeSpan } from "./time-span.ts";

const driftQuery = spanQuery.extend({
  preset: z
    .enum(["tiltyard", "evidently"])
    .optional()
    .describe("evidently: the rules of Evidently, with bare thresholds and without correction, for comparison"),
  methods: z
    .string()
    .optional()
    .describe('JSON: columns that are not to be compared by the method that suits them, as in {"age": "psi"}'),
});

const driftEndpoint = endpoint(
  {
    tag: "Watching",
    summary: "Drift of features and predictions against the training reference",
    params: deploymentParams,
    query: driftQuery,
    responses: { 200: { description: "As a whole and bucket by bucket", schema: driftSchema } },
  },
  async (c, { params, query }) => {
    const { ports, monitored } = await monitoredOf(c, params.d);
    const options = { methods: readMethods(query.methods, monitored), preset: query.preset ?? "tiltyard" };
    return c.json(await reportDrift(ports, monitored, timeSpan(query, ports.nowMs), options));
  },
);

const distributionsEndpoint = endpoint(
  {
    tag: "Watching",
    summary: "Distribution of a feature, of @prediction, or of the probabilities @score:<label>, and its reference",
    params: deploymentParams,
    query: spanQuery.extend({ feature: z.string().optional().describe(`Default: ${PREDICTION}`) }),
    responses: { 200: { description: "Counts by the reference's bins", schema: distributionSchema } },
  },
  async (c, { params, query }) => {
    const { ports, monitored } = await monitoredOf(c, params.d);
    return c.json(
      await reportDistribution(ports, monitored, timeSpan(query, ports.nowMs), query.feature ?? PREDICTION),
    );
  },
);

const comparisonQuery = spanQuery.extend({
  feature: z
    .string()
    .optional()
    .describe("Show only disagreements on rows in which this feature has a value, given by"),
  equals: z.string().optional(),
  min: z.coerce.number().optional(),
  max: z.coerce.number().optional(),
  limit: z.coerce.number().int().min(1).max(200).optional().describe("Disagreements shown. Default: 50"),
});

const comparisonEndpoint = endpoint(
  {
    tag: "Watching",
    summary: "Main and challenger on the same rows, and where they differ most",
    params: deploymentParams,
    query: comparisonQuery,
    responses: { 200: { description: "Counts over the span, and the records", schema: comparisonSchema } },
  },
  async (c, { params, query }) => {
    const { ports, monitored: current } = await monitoredOf(c, params.d);
    const span = timeSpan(query, ports.nowMs);
    const monitored = await monitoredVersion(ports, current, span.version);
    const { feature, equals = null, min = null, max = null } = query;
    const where = feature === undefined ? null : { feature, equals, min, max };
    const options = { where, limit: query.limit ?? 50 };
    const report = await reportComparison(ports, monitored, span, options);
    if (!report) return c.json(NO_COMPARISON);
    const { disagreements, ...counts } = report;
    return c.json({
      ...counts,
      disagreements: disagreements.items.map((record) => ({ ...recordJson(record), distance: record.distance })),
      disagreements_complete: disagreements.isAll,
    });
  },
);

const performanceEndpoint = endpoint(
  {
    tag: "Watching",
    summary: "How well both models did on rows whose actuals are known",
    description:
      "The verdict is valid at any time: a 95 % confidence sequence over paired losses in the order in which labels arrived. `estimated` is the performance to expect before labels arrive, from the confidence of the models.",
    params: deploymentParams,
    query: spanQuery,
    responses: { 200: { description: "Metrics with intervals, the verdict, calibration", schema: performanceSchema } },
  },
  async (c, { params, query }) => {
    const { ports, monitored } = await monitoredOf(c, params.d);
    const span = timeSpan(query, ports.nowMs);
    return c.json(await reportPerformance(ports, await monitoredVersion(ports, monitored, span.version), span));
  },
);

/** Of a deployment without a challenger. */
const NO_COMPARISON: z.infer<typeof comparisonSchema> = {
  n: 0,
  agreement: null,
  score_shift: null,
  challenger: null,
  skipped: { missing_features: 0, too_slow: 0, suspended: 0 },
  versions: [],
  tolerance: null,
  extra_features: [],
  series: [],
  disagreements: [],
  disagreements_complete: true,
  complete: true,
};

async function monitoredOf(c: AppContext, idOrSlug: string) {
  const ports = { env: c.env, db: database(c.env), nowMs: Date.now() };
  return { ports, monitored: await requireMonitored(ports.env, ports.db, c.var.caller, idOrSlug) };
}

function readMethods(text: string | undefined, { columns }: Monitored): Map<string, DriftMethodId> {
  if (text === undefined) return new Map();
  const refuse = (message: string) => invalid("methods", `methods ${message}.`, message);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('must be JSON, as in {"age": "psi"}');
  }
  const parsed = z.record(z.string(), z.enum(DRIFT_METHODS)).safeParse(json);
  if (!parsed.success) throw refuse(`must name a method of ${DRIFT_METHODS.join(", ")} for each feature`);
  const unknown = Object.keys(parsed.data).find((name) => !columns.some((column) => column.name === name));
  if (unknown !== undefined) throw refuse(`names "${unknown}", which is not monitored`);
  return new Map(Object.entries(parsed.data));
}

/** Watching: what was sent, what was answered, and how that compares. */
export function mountMonitoringApi(api: Api): void {
  api.get("/api/v1/deployments/:d/monitoring/drift", driftEndpoint);
  api.get("/api/v1/deployments/:d/monitoring/distributions", distributionsEndpoint);
  api.get("/api/v1/deployments/:d/monitoring/performance", performanceEndpoint);
  api.get("/api/v1/deployments/:d/monitoring/comparison", comparisonEndpoint);
}
