import type { Payload } from "./request.ts";
import type { Harmless, Rows } from "./route-table.ts";
import type { World } from "./world.ts";

const json = (value: unknown) => (): Payload => ({ json: value });
const form = (fields: Record<string, string>) => (): Payload => ({ form: fields });
const sends = (payload: Payload) => (): Harmless => ({ payload });

/** The fields of the form for a pipeline. */
function pipelineForm({ ids }: World): Payload {
  const source = { "source.kind": "url", "source.url": "https://rows.invalid/rows.csv" };
  return { form: { name: "From the form", deployment_id: ids().deployment, enabled: "true", ...source } };
}

function pipeline({ ids }: World): Payload {
  const source = { kind: "url", url: "https://rows.invalid/rows.csv" };
  return { json: { name: "New", deployment_id: ids().deployment, source } };
}

/** A pipeline for one request only. */
async function somePipeline({ addPipeline }: World): Promise<Harmless> {
  return { ids: { pipeline: await addPipeline() } };
}

async function queuedRun({ addRun }: World): Promise<Harmless> {
  return { ids: { run: await addRun("queued") } };
}

async function failedRun({ addRun }: World): Promise<Harmless> {
  return { ids: { run: await addRun("failed") } };
}

/** Pipelines and their runs. */
export const pipelineRoutes: Rows = {
  "signed in": {
    "GET /api/v1/schedule": { status: 422 },
  },
  "reads deployment": {
    "GET /api/v1/deployments/:d/runs": { status: 200 },
    "GET /deployments/:deployment/runs": { status: 200 },
  },
  "reads project": {
    "GET /api/v1/projects/:project/pipelines": { status: 200 },
    "GET /api/v1/pipelines/:id": { status: 200 },
    "GET /api/v1/pipelines/:id/runs": { status: 200 },
    "GET /api/v1/runs/:id": { status: 200 },
    "GET /api/v1/runs/:id/files/main": { status: 200 },
    "GET /api/v1/runs/:id/files/challenger": { status: 200 },
    "GET /api/v1/runs/:id/files/errors": { status: 200 },
    "GET /projects/:project/pipelines": { status: 200 },
    "GET /pipelines/:pipeline": { status: 200 },
    "GET /runs/:run": { status: 200 },
  },
  "changes project": {
    "POST /api/v1/projects/:project/pipelines": { status: 201, sends: pipeline },
    "POST /api/v1/projects/:project/pipelines/preview": { status: 200, sends: pipeline },
    "PATCH /api/v1/pipelines/:id": {
      status: 200,
      sends: json({ name: "Renamed", enabled: false }),
      harmless: sends({ json: {} }),
    },
    "POST /api/v1/pipelines/:id/runs": { status: 202, sends: json({}) },
    "POST /api/v1/runs/:id/cancel": { status: 200, sends: json({}), harmless: queuedRun },
    "POST /api/v1/runs/:id/retry": { status: 202, sends: json({}), harmless: failedRun },
    "GET /projects/:project/pipelines/new": { status: 200 },
    "POST /projects/:project/pipelines/new": { status: 303, sends: pipelineForm },
    "POST /projects/:project/pipelines/new/draft": { status: 200, sends: pipelineForm },
    "GET /pipelines/:pipeline/edit": { status: 200 },
    "POST /pipelines/:pipeline/edit": { status: 303, sends: pipelineForm, harmless: somePipeline },
    "POST /pipelines/:pipeline/edit/draft": { status: 200, sends: pipelineForm },
    "POST /pipelines/:pipeline/runs": { status: 303, sends: form({}) },
    "POST /pipelines/:pipeline/enabled": {
      status: 303,
      sends: form({ enabled: "false" }),
      harmless: somePipeline,
    },
    "POST /runs/:run/cancel": { status: 303, sends: form({}), harmless: queuedRun },
    "POST /runs/:run/retry": { status: 303, sends: form({}), harmless: failedRun },
  },
  // Of what somebody else made.
  "deletes of project": {
    "DELETE /api/v1/pipelines/:id": { status: 204, harmless: somePipeline },
    "GET /pipelines/:pipeline/delete": { status: 200 },
    "POST /pipelines/:pipeline/delete": { status: 303, sends: form({ confirm: "Nightly" }), harmless: somePipeline },
  },
};
