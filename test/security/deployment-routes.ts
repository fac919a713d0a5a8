import type { Payload } from "./request.ts";
import type { Harmless, Row, Rows } from "./route-table.ts";
import { ALERT, type World } from "./world.ts";

const json = (value: unknown) => (): Payload => ({ json: value });
const form = (fields: Record<string, string>) => (): Payload => ({ form: fields });
const sends = (payload: Payload) => (): Harmless => ({ payload });

const TENSORS = { inputs: [{ name: "amount", shape: [1], datatype: "FP64", data: [1] }] };
const INFER: Row = { status: 200, sends: json(TENSORS) };
const NO_MODEL = { main: { version: 1, model_id: "mdl_none" } };

function otherModels({ ids }: World): Payload {
  return { json: { main: { version: 1, model_id: ids().model } } };
}

/** A key for one request only, of the deployment that the addresses name. */
async function someKey({ addKey, ids }: World): Promise<Harmless> {
  return { ids: { key: (await addKey(ids().deployment)).id } };
}

async function someAlert({ addAlert, ids }: World): Promise<Harmless> {
  return { ids: { alert: await addAlert(ids().deployment) } };
}

async function someDeployment({ addDeployment }: World): Promise<Harmless> {
  return { ids: { deployment: await addDeployment() } };
}

/** What belongs to a deployment. */
export const deploymentRoutes: Rows = {
  predicts: {
    "POST /api/v1/deployments/:d/predict": { status: 200, sends: json({ features: { amount: 1 } }) },
    "GET /api/v1/deployments/:d/about": { status: 200 },
    "GET /api/v1/deployments/:d/inputs": { status: 200 },
    "GET /api/v1/deployments/:d/outputs": { status: 200 },
    "GET /f/:slug": { status: 200 },
    "POST /f/:slug": { status: 200, sends: form({ amount: "1" }) },
    "GET /docs/:slug": { status: 200 },
    "GET /docs/:slug/openapi.json": { status: 200 },
    "GET /v2/models/:name": { status: 200 },
    "GET /v2/models/:name/ready": { status: 200 },
    "POST /v2/models/:name/infer": INFER,
    "GET /v2/models/:name/versions/:version": { status: 200 },
    "GET /v2/models/:name/versions/:version/ready": { status: 200 },
    "POST /v2/models/:name/versions/:version/infer": INFER,
  },
  "sends actuals": {
    "POST /api/v1/deployments/:d/actuals": { status: 200, sends: json({ items: [] }) },
  },
  "reads deployment": {
    "GET /api/v1/deployments/:d": { status: 200 },
    "GET /api/v1/deployments/:d/versions": { status: 200 },
    "GET /api/v1/deployments/:d/keys": { status: 200 },
    "GET /api/v1/deployments/:d/predictions": { status: 200 },
    "GET /api/v1/deployments/:d/predictions/:id": { status: 200 },
    "GET /api/v1/deployments/:d/alerts": { status: 200 },
    "GET /api/v1/deployments/:d/monitoring/drift": { status: 200 },
    "GET /api/v1/deployments/:d/monitoring/distributions": { status: 200 },
    "GET /api/v1/deployments/:d/monitoring/performance": { status: 200 },
    "GET /api/v1/deployments/:d/monitoring/comparison": { status: 200 },
    "GET /api/v1/deployments/:d/monitoring/settings": { status: 200 },
    "GET /api/v1/deployments/:d/usage": { status: 200 },
    "GET /deployments/:deployment": { status: 200 },
    "GET /deployments/:deployment/status": { status: 200 },
    "GET /deployments/:deployment/predictions": { status: 200 },
    "GET /deployments/:deployment/predictions/:id": { status: 200 },
    "GET /deployments/:deployment/versions": { status: 200 },
    "GET /deployments/:deployment/alerts": { status: 200 },
    "GET /deployments/:deployment/monitoring": { status: 200 },
    "GET /deployments/:deployment/monitoring/comparison": { status: 200 },
    "GET /deployments/:deployment/monitoring/settings": { status: 200 },
    "GET /deployments/:deployment/monitoring/performance": { status: 200 },
    "GET /deployments/:deployment/monitoring/performance.csv": { status: 200 },
    "GET /deployments/:deployment/monitoring/drift.csv": { status: 200 },
    "GET /deployments/:deployment/monitoring/distributions.csv": { status: 200 },
    "GET /deployments/:deployment/usage": { status: 200 },
    "GET /deployments/:deployment/usage.csv": { status: 200 },
  },
  "changes deployment": {
    "POST /api/v1/deployments/:d/preview": { status: 200, sends: json({ version: 1 }) },
    "POST /api/v1/deployments/:d/versions": {
      status: 422,
      sends: otherModels,
      harmless: sends({ json: NO_MODEL }),
    },
    // Back to the version that is current.
    "POST /api/v1/deployments/:d/versions/:n/rollback": { status: 200, sends: json({}) },
    // There is no challenger.
    "POST /api/v1/deployments/:d/promote": { status: 409, sends: json({}) },
    "PUT /api/v1/deployments/:d/monitoring/settings": {
      status: 200,
      sends: json({ features: { amount: { muted: true } } }),
      harmless: sends({ json: {} }),
    },
    "POST /api/v1/deployments/:d/keys": { status: 201, sends: json({ name: "New" }) },
    "DELETE /api/v1/deployments/:d/keys/:id": { status: 204, harmless: someKey },
    // An alert that cannot be judged is refused only after the right is.
    "POST /api/v1/deployments/:d/alerts": {
      status: 422,
      sends: json(ALERT),
      harmless: sends({ json: { ...ALERT, threshold: -1 } }),
    },
    "POST /api/v1/deployments/:d/alerts/:id/test": { status: 200, sends: json({}) },
    "POST /deployments/:deployment/monitoring/settings": {
      status: 303,
      sends: form({ "muted:amount": "true" }),
      harmless: sends({ form: {} }),
    },
    "POST /deployments/:deployment/alerts": {
      status: 422,
      sends: form({ kind: "not_running", "notify.webhook_url": ALERT.notify.webhook_url }),
      harmless: sends({ form: { kind: "not_running" } }),
    },
    "POST /deployments/:deployment/alerts/:alert/test": { status: 200, sends: form({}) },
    "POST /deployments/:deployment/keys": { status: 201, sends: form({ name: "New" }) },
    "POST /deployments/:deployment/keys/:key/revoke": { status: 303, sends: form({}), harmless: someKey },
    "GET /deployments/:deployment/versions/new": { status: 200 },
    "POST /deployments/:deployment/versions/new": {
      status: 422,
      sends: ({ ids }) => ({ form: { "main.model_id": ids().model } }),
      harmless: sends({ form: { "main.model_id": "" } }),
    },
    "GET /deployments/:deployment/versions/promote": { status: 200 },
    "POST /deployments/:deployment/versions/promote": { status: 409, sends: form({}) },
    "GET /deployments/:deployment/versions/:number/rollback": { status: 200 },
    "POST /deployments/:deployment/versions/:number/rollback": { status: 303, sends: form({}) },
  },
  // Of what somebody else made.
  "deletes deployment": {
    "DELETE /api/v1/deployments/:d": { status: 204, harmless: someDeployment },
    "DELETE /api/v1/deployments/:d/alerts/:id": { status: 204, harmless: someAlert },
    "GET /deployments/:deployment/alerts/:alert/delete": { status: 200 },
    "POST /deployments/:deployment/alerts/:alert/delete": { status: 303, sends: form({}), harmless: someAlert },
    "GET /deployments/:deployment/delete": { status: 200 },
    "POST /deployments/:deployment/delete": {
      status: 422,
      sends: form({ confirm: "Routes" }),
      harmless: sends({ form: { confirm: "" } }),
    },
  },
};
