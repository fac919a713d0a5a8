import { z } from "zod";
import { listJson, listQuery, listSchema } from "../../list-cursor.ts";
import { database } from "../../db.ts";
import { type Api, endpoint, verbInput } from "../../endpoint.ts";
import { pageRequest } from "../../http.ts";
import { verbContext } from "../../verb-context.ts";
import { connectionInput } from "./connection-input.ts";
import { connectionJson, connectionSchema, testedConnectionSchema } from "./connection-json.ts";
import { createConnection } from "./create-connection.ts";
import { deleteConnection } from "./delete-connection.ts";
import { listConnections, requireConnection } from "./queries.ts";
import { testStoredConnection } from "./test-connection.ts";
import { connectionChange, updateConnection } from "./update-connection.ts";

const TAG = "Pipelines";
const projectParams = z.object({ project: z.string() });
const connectionParams = z.object({ id: z.string() });

const create = endpoint(
  {
    tag: TAG,
    summary: "Connect a database, a store or an address",
    description:
      "What pipelines read from or deliver to. The secret is sealed, and never read back. Nothing is called yet. To check it, call POST .../test.",
    params: projectParams,
    body: connectionInput,
    responses: { 201: { description: "The connection", schema: connectionSchema } },
  },
  async (c, { params: { project }, body }) =>
    c.json(connectionJson(await createConnection(verbContext(c), verbInput({ project }, body))), 201),
);

const list = endpoint(
  {
    tag: TAG,
    summary: "The connections of a project",
    params: projectParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Connections, newest first", schema: listSchema(connectionSchema) } },
  },
  async (c, { params }) => {
    const page = await listConnections(database(c.env), c.var.caller, params.project, pageRequest(c));
    return c.json(listJson(page, connectionJson));
  },
);

const read = endpoint(
  {
    tag: TAG,
    summary: "One connection",
    params: connectionParams,
    responses: { 200: { description: "The connection", schema: connectionSchema } },
  },
  async (c, { params }) =>
    c.json(connectionJson(await requireConnection(database(c.env), c.var.caller, params.id, "read"))),
);

const update = endpoint(
  {
    tag: TAG,
    summary: "Change a connection",
    description:
      "Fields left out stay unchanged, and so do settings left out. Use it to replace a secret that was rotated: the next run, or a retry, uses the new one. A password must be given again when host, port or tls change.",
    params: connectionParams,
    body: connectionChange,
    responses: { 200: { description: "The connection", schema: connectionSchema } },
  },
  async (c, { params, body }) =>
    c.json(connectionJson(await updateConnection(verbContext(c), verbInput({ connection: params.id }, body)))),
);

const remove = endpoint(
  {
    tag: TAG,
    summary: "Delete a connection and its secret",
    params: connectionParams,
    responses: { 204: { description: "Gone" } },
  },
  async (c, { params }) => {
    await deleteConnection(verbContext(c), { connection: params.id });
    return c.body(null, 204);
  },
);

const test = endpoint(
  {
    tag: TAG,
    summary: "Try a connection now",
    description: "Signs in and checks whether it may write. An http connection receives an empty, signed message.",
    params: connectionParams,
    responses: { 200: { description: "Whether it works", schema: testedConnectionSchema } },
  },
  async (c, { params }) => c.json(await testStoredConnection(verbContext(c), { connection: params.id })),
);

/** Connections of projects. */
export function mountConnectionsApi(api: Api): void {
  api.post("/api/v1/projects/:project/connections", create);
  api.get("/api/v1/projects/:project/connections", list);
  api.get("/api/v1/connections/:id", read);
  api.patch("/api/v1/connections/:id", update);
  api.delete("/api/v1/connections/:id", remove);
  api.post("/api/v1/connections/:id/test", test);
}
