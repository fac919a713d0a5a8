import type { Payload } from "./request.ts";
import type { Harmless, Rows } from "./route-table.ts";
import type { World } from "./world.ts";

const json = (value: unknown) => (): Payload => ({ json: value });
const sends = (payload: Payload) => (): Harmless => ({ payload });

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
  },
  "reads project": {
    "GET /api/v1/projects/:project/pipelines": { status: 200 },
    "GET /api/v1/pipelines/:id": { status: 200 },
    "GET /api/v1/pipelines/:id/runs": { status: 200 },
    "GET /api/v1/runs/:id": { status: 200 },
    "GET /api/v1/runs/:id/files/main": { status: 200 },
    "GET /api/v1/runs/:id/files/challenger": { status: 200 },
    "GET /api/v1/runs/:id/files/errors": { status: 200 },
  },
  "changes project": {
    "POST /api/v1/projects/:project/pipelines": { status: 201, sends: pipeline },
    "PATCH /api/v1/pipelines/:id": {
      status: 200,
      sends: json({ name: "Renamed", enabled: false }),
      harmless: sends({ json: {} }),
    },
    "POST /api/v1/pipelines/:id/runs": { status: 202, sends: json({}) },
    "POST /api/v1/runs/:id/cancel": { status: 200, sends: json({}), harmless: queuedRun },
    "POST /api/v1/runs/:id/retry": { status: 202, sends: json({}), harmless: failedRun },
  },
  // Of what somebody else made.
  "deletes of project": {
    "DELETE /api/v1/pipelines/:id": { status: 204, harmless: somePipeline },
  },
};
