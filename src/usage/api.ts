import { z } from "zod";
import { database } from "../db.ts";
import { deploymentParams } from "../deployments/deployment-params.ts";
import { type Api, endpoint } from "../endpoint.ts";
import { requireMonitored } from "../monitoring/monitored.ts";
import { spanQuery, timeSpan } from "../monitoring/time-span.ts";
import { reportUsage } from "./report-usage.ts";

const known = z.number().nullable();
const modelUsage = z.object({
  calls: z.number().int(),
  rows: z.number().int(),
  errors: z.number().int(),
  latency_ms: z.object({ p50: known, p95: known, p99: known }),
  compute_ms: known,
  cpu_ms: known,
  memory_bytes: known,
});
const bothModels = z.object({ main: modelUsage, challenger: modelUsage.nullable() });

const usageSchema = z.object({
  series: z.array(
    bothModels.extend({
      at: z.iso.datetime(),
      instance: z
        .object({ cpu_ms: z.number(), memory_bytes: z.number() })
        .nullable()
        .describe("For the process of the whole instance, on one machine"),
    }),
  ),
  total: bothModels,
  complete: z.boolean(),
  measured: z.record(z.string(), z.string()).describe("How each figure was measured"),
});

const usageEndpoint = endpoint(
  {
    tag: "Watching",
    summary: "Calls, errors, latency, compute time, CPU and memory over time",
    params: deploymentParams,
    query: spanQuery,
    responses: { 200: { description: "Bucket by bucket, of main and challenger", schema: usageSchema } },
  },
  async (c, { params, query }) => {
    const ports = { env: c.env, db: database(c.env), nowMs: Date.now() };
    const monitored = await requireMonitored(ports.env, ports.db, c.var.caller, params.d);
    return c.json(await reportUsage(ports, monitored, timeSpan(query, ports.nowMs)));
  },
);

/** What a deployment did, and what it took. */
export function mountUsageApi(api: Api): void {
  api.get("/api/v1/deployments/:d/usage", usageEndpoint);
}
