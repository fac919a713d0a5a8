import { Hono } from "hono";
import { authorize } from "../../../access/authorize.ts";
import { targetOf } from "../../../deployments/find-deployment.ts";
import { parseInput } from "../../../endpoint.ts";
import type { AppEnv } from "../../../http.ts";
import { changeSettings } from "../../../monitoring/change-settings.ts";
import { settingsInput } from "../../../monitoring/settings.ts";
import { verbContext } from "../../../verb-context.ts";
import { readForm, refusalOf } from "../../page-form.ts";
import { SettingsPage } from "./page.tsx";
import { bodyOf, fieldErrors, settingsView } from "./view.ts";

/** /deployments/{deployment}/monitoring/settings: seen by who may read the deployment, changed by contributors. */
export const monitoringSettingsPages = new Hono<AppEnv>();

monitoringSettingsPages.get("/deployments/:deployment/monitoring/settings", async (c) =>
  c.html(<SettingsPage view={await settingsView(c)} isSaved={c.req.query("saved") === "true"} />),
);

monitoringSettingsPages.post("/deployments/:deployment/monitoring/settings", async (c) => {
  const view = await settingsView(c);
  authorize(c.var.caller, "change", targetOf(view.deployment));
  const fields = await readForm(c);
  try {
    const input = parseInput(settingsInput, bodyOf(fields, view.columns));
    await changeSettings(verbContext(c), { deployment: view.deployment.id, ...input });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<SettingsPage view={view} form={{ fields, errors: fieldErrors(errors) }} />, status);
  }
  return c.redirect(`${view.path}?saved=true`, 303);
});
