import { Hono } from "hono";
import type { AppEnv } from "../../../http.ts";
import { csvFile } from "../csv-view.ts";
import { PerformancePage } from "./page.tsx";
import { performanceCsv, performanceView } from "./view.ts";

/** /deployments/{deployment}/monitoring/performance: which model is better, by what came true. */
export const performancePages = new Hono<AppEnv>();

performancePages.get("/deployments/:deployment/monitoring/performance", async (c) =>
  c.html(<PerformancePage view={await performanceView(c)} />),
);

performancePages.get("/deployments/:deployment/monitoring/performance.csv", async (c) => {
  const view = await performanceView(c);
  return csvFile(c, `${view.deployment.slug}-performance.csv`, performanceCsv(view));
});
