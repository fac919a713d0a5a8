import { Hono } from "hono";
import { AppError } from "../../errors.ts";
import { type AppEnv, isFragmentRequest } from "../../http.ts";
import { PREDICTION } from "../../windows/reference.ts";
import { ComparisonPage } from "./comparison/page.tsx";
import { comparisonView } from "./comparison/view.ts";
import { columnOverTimeCsv, csvFile, distributionCsv, driftCsv } from "./csv-view.ts";
import { DriftPage } from "./drift/page.tsx";
import { FeatureCard } from "./drift/feature-card.tsx";
import { answersOver, driftView, featureOver } from "./view.ts";

/** /deployments/{deployment}/monitoring: drift, main against challenger, and what the charts show as files. */
export const monitoringPages = new Hono<AppEnv>();

monitoringPages.get("/deployments/:deployment/monitoring", async (c) => {
  const view = await driftView(c);
  return c.html(isFragmentRequest(c) ? <FeatureCard view={view} /> : <DriftPage view={view} />);
});

monitoringPages.get("/deployments/:deployment/monitoring/comparison", async (c) =>
  c.html(<ComparisonPage view={await comparisonView(c)} />),
);

monitoringPages.get("/deployments/:deployment/monitoring/drift.csv", async (c) => {
  const view = await driftView(c);
  return csvFile(c, `${view.deployment.slug}-drift.csv`, driftCsv(view));
});

monitoringPages.get("/deployments/:deployment/monitoring/distributions.csv", async (c) => {
  const view = await driftView(c);
  const name = c.req.query("feature") ?? PREDICTION;
  const isOverTime = c.req.query("over") === "time";
  const file = `${view.deployment.slug}-${isOverTime ? "over-time" : "distribution"}.csv`;
  if (name === PREDICTION) {
    const main = answersOver(view, "main");
    if (!main) throw new AppError("not_found", "The answers of the main model have no distribution to compare.");
    if (isOverTime) return csvFile(c, file, columnOverTimeCsv(main.column, main));
    const shadow = answersOver(view, "challenger", "main");
    const current = [
      { label: "main", tally: main.current },
      ...(shadow ? [{ label: "challenger", tally: shadow.current }] : []),
    ];
    return csvFile(c, file, distributionCsv(main.column, current));
  }
  const column = view.monitored.columns.find((one) => one.name === name);
  if (!column) throw new AppError("not_found", `No feature "${name}" is monitored.`);
  const over = featureOver(view, column);
  const text = isOverTime
    ? columnOverTimeCsv(column, over)
    : distributionCsv(column, [{ label: "current", tally: over.current }]);
  return csvFile(c, file, text);
});
