import { z } from "zod";
import { listJson, listQuery, listSchema } from "../list-cursor.ts";
import { database } from "../db.ts";
import { deploymentParams } from "../deployments/deployment-params.ts";
import { requireDeployment } from "../deployments/find-deployment.ts";
import { type Api, endpoint, verbInput } from "../endpoint.ts";
import { pageRequest } from "../http.ts";
import { verbContext } from "../verb-context.ts";
import { alertJson, alertSchema, createdAlertSchema, testedAlertSchema } from "./alert-json.ts";
import { alertInput, createAlert } from "./create-alert.ts";
import { deleteAlert } from "./delete-alert.ts";
import { pageOfAlerts } from "./queries.ts";
import { testAlert } from "./test-alert.ts";

const TAG = "Alerts";
const alertParams = deploymentParams.extend({ id: z.string() });

const create = endpoint(
  {
    tag: TAG,
    summary: "Create an alert for a deployment that drifts, fails, slows down, gets worse or stops",
    description:
      "One message when it starts to fire, one when it has been fine for two minutes. A webhook receives JSON signed with signing_secret; Slack shows its line of text. E-mail needs a provider set up by the operator.",
    params: deploymentParams,
    body: alertInput,
    responses: { 201: { description: "The alert", schema: createdAlertSchema } },
  },
  async (c, { params, body }) => {
    const { alert, signingSecret } = await createAlert(verbContext(c), verbInput({ deployment: params.d }, body));
    return c.json({ ...alertJson(alert), signing_secret: signingSecret }, 201);
  },
);

const list = endpoint(
  {
    tag: TAG,
    summary: "The alerts of a deployment and their states",
    params: deploymentParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Alerts, newest first", schema: listSchema(alertSchema) } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    const deployment = await requireDeployment(db, c.var.caller, params.d, "read");
    return c.json(listJson(await pageOfAlerts(db, deployment.id, pageRequest(c)), alertJson));
  },
);

const remove = endpoint(
  {
    tag: TAG,
    summary: "Delete an alert. It sends no further messages",
    params: alertParams,
    responses: { 204: { description: "Gone" } },
  },
  async (c, { params }) => {
    await deleteAlert(verbContext(c), { deployment: params.d, alert: params.id });
    return c.body(null, 204);
  },
);

const test = endpoint(
  {
    tag: TAG,
    summary: "Send a test message now",
    params: alertParams,
    responses: { 200: { description: "Whether it arrived", schema: testedAlertSchema } },
  },
  async (c, { params }) => c.json(await testAlert(verbContext(c), { deployment: params.d, alert: params.id })),
);

/** Alerts of deployments. */
export function mountAlertsApi(api: Api): void {
  api.post("/api/v1/deployments/:d/alerts", create);
  api.get("/api/v1/deployments/:d/alerts", list);
  api.delete("/api/v1/deployments/:d/alerts/:id", remove);
  api.post("/api/v1/deployments/:d/alerts/:id/test", test);
}
