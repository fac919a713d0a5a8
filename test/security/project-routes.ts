import { addProject } from "../support/deployment.ts";
import { timesModel } from "../support/models.ts";
import type { Payload } from "./request.ts";
import type { Harmless, Rows } from "./route-table.ts";
import { CONNECTION, CSV, type Credential, type World } from "./world.ts";

const json = (value: unknown) => (): Payload => ({ json: value });
const form = (fields: Record<string, string>) => (): Payload => ({ form: fields });
const sends = (payload: Payload) => (): Harmless => ({ payload });

const VERSION = (): Payload => ({ upload: { reference: { fileName: "reference.csv", content: CSV } } });
const MODEL = (): Payload => ({
  upload: { file: { fileName: "model.onnx", content: timesModel(3) }, name: "Uploaded" },
});
const NO_FILE = sends({ upload: { name: "Uploaded" } });
const EXPERIMENT = { name: "New", task: "regression" };

function deployment({ ids }: World): Payload {
  const { experiment, model } = ids();
  return { json: { name: "New", experiment_id: experiment, main: { version: 1, model_id: model } } };
}

function deploymentForm({ ids }: World): Payload {
  const { experiment, model } = ids();
  const levels = { access: "project", type_policy: "best_effort" };
  return { form: { name: "New", experiment_id: experiment, "main.model_id": model, ...levels } };
}

/** A member for one request only. */
async function someMember({ addMember }: World): Promise<Harmless> {
  return { ids: { user: (await addMember("viewer")).id } };
}

/** A project of the caller's own. */
async function ownProject(_: World, credential: Credential): Promise<Harmless> {
  const token = credential && "token" in credential ? credential.token : "";
  return { ids: { project: await addProject({ id: "", email: "", password: "", token }, "To be deleted") } };
}

async function someConnection({ addConnection }: World): Promise<Harmless> {
  return { ids: { connection: await addConnection() } };
}

async function someDataset({ addDataset }: World): Promise<Harmless> {
  return { ids: { dataset: await addDataset() } };
}

async function someUpload({ addUpload }: World): Promise<Harmless> {
  return { ids: { upload: await addUpload() } };
}

const DATASET = (): Payload => ({ upload: { file: { fileName: "rows.csv", content: CSV }, name: "Rows" } });
const CONNECTION_FORM = {
  name: "Database",
  "settings.host": "db.invalid",
  "settings.database": "rows",
  "settings.user": "reader",
  "secret.password": "",
};

/** What belongs to a project, without its deployments. */
export const projectRoutes: Rows = {
  "reads project": {
    "GET /api/v1/projects/:project/audit": { status: 200 },
    "GET /projects/:project/audit": { status: 200 },
    "GET /projects/:project/audit/export": { status: 422 },
    "GET /api/v1/projects/:project": { status: 200 },
    "GET /api/v1/projects/:project/members": { status: 200 },
    "GET /api/v1/projects/:p/deployments": { status: 200 },
    "GET /api/v1/projects/:p/experiments": { status: 200 },
    "GET /api/v1/experiments/:id": { status: 200 },
    "GET /api/v1/experiments/:id/versions": { status: 200 },
    "GET /api/v1/experiments/:id/versions/:n": { status: 200 },
    "GET /api/v1/experiments/:id/versions/:n/models": { status: 200 },
    "GET /api/v1/models/:id": { status: 200 },
    "GET /api/v1/models/:id/file": { status: 200 },
    "GET /projects/:project": { status: 303 },
    "GET /projects/:project/deployments": { status: 200 },
    "GET /projects/:project/experiments": { status: 200 },
    "GET /projects/:project/members": { status: 200 },
    "GET /projects/:project/settings": { status: 200 },
    "GET /experiments/:experiment": { status: 200 },
    "GET /experiments/:experiment/versions/:number{[0-9]+}": { status: 200 },
    "GET /models/:model": { status: 200 },
    "GET /api/v1/projects/:project/connections": { status: 200 },
    "GET /api/v1/connections/:id": { status: 200 },
    "GET /api/v1/projects/:p/datasets": { status: 200 },
    "GET /api/v1/datasets/:id": { status: 200 },
    "GET /projects/:project/connections": { status: 200 },
    "GET /projects/:project/datasets": { status: 200 },
  },
  "changes project": {
    "POST /api/v1/projects/:project/connections": { status: 201, sends: json(CONNECTION) },
    "POST /api/v1/connections/:id/test": { status: 200, sends: json({}) },
    "POST /api/v1/projects/:p/datasets": { status: 201, sends: DATASET },
    "POST /api/v1/projects/:p/datasets/uploads": { status: 201, sends: json({ name: "In parts", format: "csv" }) },
    // The bytes of a part may be any.
    "PUT /api/v1/projects/:p/datasets/uploads/:id/parts/:k": { status: 200, sends: json("bytes") },
    "POST /api/v1/projects/:p/datasets/uploads/:id/complete": {
      status: 201,
      sends: json({}),
      harmless: someUpload,
    },
    "GET /projects/:project/connections/new": { status: 200 },
    "POST /projects/:project/connections/new": { status: 303, sends: form(CONNECTION_FORM) },
    "POST /projects/:project/connections/:connection/test": { status: 200, sends: form({}) },
    "PATCH /api/v1/connections/:id": { status: 200, sends: json({ name: "Renamed" }), harmless: someConnection },
    "GET /projects/:project/connections/:connection/edit": { status: 200 },
    "POST /projects/:project/connections/:connection/edit": {
      status: 303,
      sends: form({ name: "Renamed", "settings.url": "https://receiver.invalid/" }),
      harmless: someConnection,
    },
    "GET /projects/:project/datasets/new": { status: 200 },
    "POST /projects/:project/datasets/new": { status: 303, sends: DATASET },
    "POST /api/v1/projects/:p/experiments": { status: 201, sends: json(EXPERIMENT) },
    "POST /api/v1/projects/:p/deployments": {
      status: 422,
      sends: deployment,
      harmless: sends({ json: { name: "New", experiment_id: "exp_none", main: { version: 1, model_id: "mdl_none" } } }),
    },
    "POST /api/v1/experiments/:id/versions": { status: 422, sends: VERSION, harmless: NO_FILE },
    "POST /api/v1/experiments/:id/versions/:n/models": { status: 422, sends: MODEL, harmless: NO_FILE },
    "GET /projects/:project/deployments/new": { status: 200 },
    "GET /projects/:project/deployments/new/models": { status: 200 },
    "POST /projects/:project/deployments/new": {
      status: 422,
      sends: deploymentForm,
      harmless: sends({ form: { name: "" } }),
    },
    "GET /projects/:project/experiments/new": { status: 200 },
    "POST /projects/:project/experiments/new": { status: 303, sends: form(EXPERIMENT) },
    "GET /experiments/:experiment/versions/new": { status: 200 },
    "POST /experiments/:experiment/versions/new": { status: 422, sends: VERSION, harmless: NO_FILE },
    "GET /experiments/:experiment/versions/:number{[0-9]+}/models/new": { status: 200 },
    "POST /experiments/:experiment/versions/:number{[0-9]+}/models/new": {
      status: 422,
      sends: MODEL,
      harmless: NO_FILE,
    },
  },
  // Of what somebody else made. A deployment uses experiment and model, so that for those who may it is a conflict.
  "deletes of project": {
    "DELETE /api/v1/connections/:id": { status: 204, harmless: someConnection },
    "DELETE /api/v1/datasets/:id": { status: 204, harmless: someDataset },
    "GET /projects/:project/connections/:connection/delete": { status: 200 },
    "POST /projects/:project/connections/:connection/delete": {
      status: 303,
      sends: form({ confirm: "Receiver" }),
      harmless: someConnection,
    },
    "GET /projects/:project/datasets/:dataset/delete": { status: 200 },
    "POST /projects/:project/datasets/:dataset/delete": {
      status: 303,
      sends: form({ confirm: "Rows" }),
      harmless: someDataset,
    },
    "DELETE /api/v1/experiments/:id": { status: 409 },
    "DELETE /api/v1/models/:id": { status: 409 },
    "GET /experiments/:experiment/delete": { status: 200 },
    "POST /experiments/:experiment/delete": { status: 409, sends: form({ confirm: "Routes" }) },
    "GET /models/:model/delete": { status: 200 },
    "POST /models/:model/delete": { status: 409, sends: form({ confirm: "main" }) },
  },
  "manages project": {
    "PATCH /api/v1/projects/:project": {
      status: 200,
      sends: json({ name: "Renamed", description: "Changed" }),
      harmless: sends({ json: {} }),
    },
    "DELETE /api/v1/projects/:project": { status: 204, harmless: ownProject },
    "PUT /api/v1/projects/:project/members/:user": {
      status: 200,
      sends: json({ role: "admin" }),
      harmless: sends({ json: { role: "viewer" } }),
    },
    "DELETE /api/v1/projects/:project/members/:user": { status: 204, harmless: someMember },
    "POST /projects/:project/settings": {
      status: 303,
      sends: form({ name: "Renamed", description: "Changed" }),
      harmless: sends({ form: { name: "Routes" } }),
    },
    "GET /projects/:project/delete": { status: 200 },
    "POST /projects/:project/delete": {
      status: 422,
      sends: form({ confirm: "Routes" }),
      harmless: sends({ form: { confirm: "" } }),
    },
    "POST /projects/:project/members": {
      status: 303,
      sends: ({ stranger }) => ({ form: { email: stranger.email, role: "admin" } }),
      harmless: ({ subject }) => ({ payload: { form: { email: subject.email, role: "viewer" } } }),
    },
    "POST /projects/:project/members/:user": {
      status: 303,
      sends: form({ role: "admin" }),
      harmless: sends({ form: { role: "viewer" } }),
    },
    "GET /projects/:project/members/:user/remove": { status: 200 },
    "POST /projects/:project/members/:user/remove": { status: 303, sends: form({}), harmless: someMember },
  },
};
