import { hidden } from "../access/authorize.ts";
import { z } from "zod";
import { nameInput } from "../access/account-input.ts";
import { apiKeyJson, apiKeySchema, listApiKeys } from "../access/api-keys.ts";
import { listJson, listQuery, listSchema } from "../list-cursor.ts";
import { database } from "../db.ts";
import { type Api, endpoint, verbInput } from "../endpoint.ts";
import { AppError } from "../errors.ts";
import { type AppContext, originOf, pageRequest } from "../http.ts";
import { verbContext } from "../verb-context.ts";
import { addVersion, promoteChallenger, promotionInput, versionInput } from "./add-version.ts";
import { buildDeployment } from "./build-deployment.ts";
import { deploy, deploymentInput } from "./deploy.ts";
import { addKey, removeKey } from "./deployment-keys.ts";
import { deploymentParams } from "./deployment-params.ts";
import { deploymentJson, deploymentSchema, deploymentVersionJson, deploymentVersionSchema } from "./deployment-json.ts";
import { type DeploymentRow, findDeployment, requireDeployment } from "./find-deployment.ts";
import {
  type Deployment,
  describeDeployments,
  listDeployments,
  listDeploymentVersions,
  pageOfDeploymentVersions,
} from "./queries.ts";
import { hostFor } from "./reach-host.ts";
import { regionOf } from "./region.ts";
import { deleteDeployment, purgeDeployment } from "./remove-deployment.ts";
import { rollback } from "./rollback.ts";
import { LISTED_AGE_MS_MAX, runningStatus } from "./running-status.ts";
import { extraFeatures } from "./extra-features.ts";
import type { SwitchInput } from "./switch-version.ts";

const TAG = "Deployments";
const projectParams = z.object({ p: z.string().describe("Id or slug of the project") });

/** A build goes on behind the answer; most are done before this. */
const BUILD_PATIENCE_MS = 8_000;

const create = endpoint(
  {
    tag: TAG,
    summary: "Deploy a model, and optionally a challenger",
    params: projectParams,
    body: deploymentInput,
    responses: { 201: { description: "The deployment", schema: deploymentSchema } },
  },
  async (c, { params, body }) => {
    const db = database(c.env);
    const deployment = await deploy(verbContext(c), verbInput({ project: params.p }, body));
    const building = buildDeployment(
      c.env,
      db,
      deployment,
      hostFor(c.env, c.req.raw, deployment.id, deployment.currentVersion),
    );
    c.executionCtx.waitUntil(building);
    await Promise.race([building, scheduler.wait(BUILD_PATIENCE_MS)]);
    return c.json(await describe(c, (await findDeployment(db, deployment.id)) ?? deployment), 201);
  },
);

const list = endpoint(
  {
    tag: TAG,
    summary: "The deployments of a project",
    params: projectParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Deployments, newest first", schema: listSchema(deploymentSchema) } },
  },
  async (c, { params }) => {
    const page = await listDeployments(database(c.env), c.var.caller, params.p, pageRequest(c));
    const items = await Promise.all(page.items.map((deployment) => withStatus(c, deployment, LISTED_AGE_MS_MAX)));
    return c.json({ items, next_cursor: page.nextCursor });
  },
);

const get = endpoint(
  {
    tag: TAG,
    summary: "One deployment",
    params: deploymentParams,
    responses: { 200: { description: "The deployment", schema: deploymentSchema } },
  },
  async (c, { params }) =>
    c.json(await describe(c, await requireDeployment(database(c.env), c.var.caller, params.d, "read"))),
);

const remove = endpoint(
  {
    tag: TAG,
    summary: "Delete a deployment: nothing of it answers from then on",
    params: deploymentParams,
    responses: { 204: { description: "Gone" } },
  },
  async (c, { params }) => {
    const ctx = verbContext(c);
    const { id } = await deleteDeployment(ctx, { deployment: params.d });
    c.executionCtx.waitUntil(purgeDeployment(c.env, ctx.db, id, ctx.nowMs));
    return c.body(null, 204);
  },
);

const versions = endpoint(
  {
    tag: TAG,
    summary: "The versions of a deployment",
    params: deploymentParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Versions, newest first", schema: listSchema(deploymentVersionSchema) } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    const deployment = await requireDeployment(db, c.var.caller, params.d, "read");
    const page = await pageOfDeploymentVersions(db, deployment.id, pageRequest(c));
    return c.json(listJson(page, (version) => deploymentVersionJson(version, deployment.currentVersion)));
  },
);

const addVersionEndpoint = endpoint(
  {
    tag: TAG,
    summary: "Put other models behind a deployment, as a new version",
    description:
      "Answers after the switch: calls begun later get the new version, and none fails meanwhile. A main model that needs features the current one does not is refused with 409 unless allow_schema_change is true. When a model does not load, the old version goes on.",
    params: deploymentParams,
    body: versionInput,
    responses: { 201: { description: "The version", schema: deploymentVersionSchema } },
  },
  async (c, { params, body }) => {
    const { deployment, number } = await addVersion(verbContext(c), verbInput(switchInput(c, params.d), body));
    return c.json(await describeVersion(c, deployment, number), 201);
  },
);

const promoteEndpoint = endpoint(
  {
    tag: TAG,
    summary: "Make the challenger the main model, and the main model the challenger, as a new version",
    params: deploymentParams,
    body: promotionInput,
    responses: { 201: { description: "The version", schema: deploymentVersionSchema } },
  },
  async (c, { params, body }) => {
    const { deployment, number } = await promoteChallenger(verbContext(c), verbInput(switchInput(c, params.d), body));
    return c.json(await describeVersion(c, deployment, number), 201);
  },
);

const rollbackEndpoint = endpoint(
  {
    tag: TAG,
    summary: "Make another version that exists the current one",
    description: "Answers after the switch, as a new version does.",
    params: deploymentParams.extend({ n: z.coerce.number("n is the number of a version.").int().min(1) }),
    responses: { 200: { description: "The deployment", schema: deploymentSchema } },
  },
  async (c, { params }) =>
    c.json(await describe(c, await rollback(verbContext(c), { ...switchInput(c, params.d), version: params.n }))),
);

const keyInput = z.object({
  name: nameInput,
  expires_at: z.iso
    .datetime({ offset: true })
    .nullish()
    .transform((time) => (time ? Date.parse(time) : null)),
});

const createKey = endpoint(
  {
    tag: TAG,
    summary: "Make an API key of this deployment; it is shown once",
    params: deploymentParams,
    body: keyInput,
    responses: { 201: { description: "The key", schema: apiKeySchema.extend({ key: z.string() }) } },
  },
  async (c, { params, body }) => {
    const { id } = await requireDeployment(database(c.env), c.var.caller, params.d, "change");
    const { secret, ...key } = await addKey(verbContext(c), {
      deployment: id,
      name: body.name,
      expiresAt: body.expires_at,
    });
    return c.json({ ...apiKeyJson(key), key: secret }, 201);
  },
);

const listKeys = endpoint(
  {
    tag: TAG,
    summary: "The API keys of this deployment",
    params: deploymentParams,
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Keys, newest first", schema: listSchema(apiKeySchema) } },
  },
  async (c, { params }) => {
    const db = database(c.env);
    const deployment = await requireDeployment(db, c.var.caller, params.d, "read");
    return c.json(listJson(await listApiKeys(db, deployment.id, pageRequest(c)), apiKeyJson));
  },
);

const revokeKey = endpoint(
  {
    tag: TAG,
    summary: "Revoke an API key: it stops working within 5 s everywhere",
    params: deploymentParams.extend({ id: z.string() }),
    responses: { 204: { description: "Revoked" } },
  },
  async (c, { params }) => {
    await removeKey(verbContext(c), { deployment: params.d, key: params.id });
    return c.body(null, 204);
  },
);

/** The deployment that this request switches, and from where. */
export function switchInput(c: AppContext, deployment: string): SwitchInput {
  return { deployment, region: regionOf(c.req.raw) };
}

async function describeVersion(
  c: AppContext,
  deployment: DeploymentRow,
  number: number,
): Promise<z.infer<typeof deploymentVersionSchema>> {
  const all = await listDeploymentVersions(database(c.env), deployment.id);
  const version = all.find((candidate) => candidate.number === number);
  if (!version) throw new AppError("not_found", `The deployment has no version ${number}.`);
  return deploymentVersionJson(version, deployment.currentVersion, await extraFeatures(database(c.env), version));
}

async function describe(c: AppContext, row: DeploymentRow): Promise<z.infer<typeof deploymentSchema>> {
  const [deployment] = await describeDeployments(database(c.env), [row]);
  if (!deployment) throw hidden();
  return withStatus(c, deployment, 0, await extraFeatures(database(c.env), deployment.current));
}

async function withStatus(
  c: AppContext,
  deployment: Deployment,
  ageMsMax = 0,
  extra?: readonly string[],
): Promise<z.infer<typeof deploymentSchema>> {
  const host = hostFor(c.env, c.req.raw, deployment.id, deployment.currentVersion);
  const status = await runningStatus(c.env, deployment, host, Date.now(), ageMsMax);
  return deploymentJson(deployment, status, originOf(c), extra);
}

/** Deployments, their versions and keys. */
export function mountDeploymentsApi(api: Api): void {
  api.post("/api/v1/projects/:p/deployments", create);
  api.get("/api/v1/projects/:p/deployments", list);
  api.get("/api/v1/deployments/:d", get);
  api.delete("/api/v1/deployments/:d", remove);
  api.get("/api/v1/deployments/:d/versions", versions);
  api.post("/api/v1/deployments/:d/versions", addVersionEndpoint);
  api.post("/api/v1/deployments/:d/versions/:n/rollback", rollbackEndpoint);
  api.post("/api/v1/deployments/:d/promote", promoteEndpoint);
  api.post("/api/v1/deployments/:d/keys", createKey);
  api.get("/api/v1/deployments/:d/keys", listKeys);
  api.delete("/api/v1/deployments/:d/keys/:id", revokeKey);
}
