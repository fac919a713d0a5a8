import { Hono } from "hono";
import type { AppEnv } from "../../http.ts";
import { csvFile } from "../monitoring/csv-view.ts";
import { UsagePage } from "./page.tsx";
import { usageCsv, usageView } from "./view.ts";

/** /deployments/{deployment}/usage: what a deployment did, and what it took. */
export const usagePages = new Hono<AppEnv>();

usagePages.get("/deployments/:deployment/usage", async (c) => c.html(<UsagePage view={await usageView(c)} />));

usagePages.get("/deployments/:deployment/usage.csv", async (c) => {
  const view = await usageView(c);
  return csvFile(c, `${view.deployment.slug}-usage.csv`, usageCsv(view));
});
