import { z } from "zod";
import { database } from "../db.ts";
import { deploymentParams } from "../deployments/deployment-params.ts";
import { requireDeployment } from "../deployments/find-deployment.ts";
import { type Api, endpoint, verbInput } from "../endpoint.ts";
import { iso } from "../lib/time.ts";
import { verbContext } from "../verb-context.ts";
import { changeSettings } from "./change-settings.ts";
import { type KeptSettings, readSettings, settingsInput } from "./settings.ts";

const TAG = "Watching";

const settingsSchema = settingsInput.extend({
  updated_at: z.string().nullable().describe("null: nobody has changed the defaults"),
  updated_by: z.string().nullable(),
});

function settingsJson({ settings, updatedAt, updatedBy }: KeptSettings): z.output<typeof settingsSchema> {
  return { ...settings, updated_at: updatedAt === null ? null : iso(updatedAt), updated_by: updatedBy };
}

const read = endpoint(
  {
    tag: TAG,
    summary: "How the drift of a deployment is judged",
    params: deploymentParams,
    responses: { 200: { description: "The settings", schema: settingsSchema } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    const { id } = await requireDeployment(db, c.var.caller, params.d, "read");
    return c.json(settingsJson(await readSettings(db, id)));
  },
);

const change = endpoint(
  {
    tag: TAG,
    summary: "Change how the drift of a deployment is judged",
    description:
      "Replaces all settings: what is left out gets its default. Pages, drift reports and alerts use them from then on, for earlier windows too.",
    params: deploymentParams,
    body: settingsInput,
    responses: { 200: { description: "The settings", schema: settingsSchema } },
  },
  async (c, { params, body }) =>
    c.json(settingsJson(await changeSettings(verbContext(c), verbInput({ deployment: params.d }, body)))),
);

/** Settings of the monitoring of deployments. */
export function mountMonitoringSettingsApi(api: Api): void {
  api.get("/api/v1/deployments/:d/monitoring/settings", read);
  api.put("/api/v1/deployments/:d/monitoring/settings", change);
}
