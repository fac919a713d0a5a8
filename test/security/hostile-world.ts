import { Browser } from "../support/browser.ts";
import { addModel, addVersion, deployModel, expectStatus, predictOne, upload } from "../support/deployment.ts";
import { callApi, createUser, startInstance } from "../support/instance.ts";
import { echoModel } from "../support/models.ts";
import { addressOf, isPage } from "./request.ts";
import { ROUTES } from "./route-table.ts";
import { type Ids, storeRun } from "./world.ts";

/** Breaks out of text, of an attribute in either quotes, and of a script. */
export const HOSTILE = `"'></script></textarea><img src=x onerror=alert(1)>{{7*7}}`;

const STORE = { endpoint: "https://store.invalid", region: HOSTILE, bucket: HOSTILE, access_key_id: HOSTILE };

/** An instance in which everything is named as nastily as may be. */
export interface HostileWorld {
  /** Signed in as an admin of the instance, who made everything. */
  browser: Browser;
  ids: Ids;
  token: string;
  /** Of the deployment. */
  slug: string;
  /** Addresses of every page. */
  pages: string[];
}

/** Sets it up through the API. */
export async function startHostileWorld(): Promise<HostileWorld> {
  const { adminToken: token } = await startInstance();
  const user = await createUser({ role: "admin" });
  const asAdmin = (method: string, path: string, body: unknown) => callApi(method, path, body, user.token);
  expectStatus(await asAdmin("PATCH", `/api/v1/users/${user.id}`, { name: HOSTILE }), 200);
  const csv = `"${HOSTILE.replaceAll('"', '""')}",kind\n1,"<b>${HOSTILE.replaceAll('"', '""')}"\n2,other\n`;
  const mapping = { inputs: { lead: [HOSTILE], kind: ["kind"] } };
  const model = echoModel({ kind: "string" });
  const challenger = { model, mapping };
  const made = await deployModel({ name: HOSTILE, csv, model, mapping, challenger, owner: user });
  const { project, experiment } = made;
  const version = await addVersion(user, experiment, csv);
  const named = await addModel(user, experiment, version, { file: model, name: HOSTILE, mapping });
  expectStatus(await asAdmin("PATCH", `/api/v1/projects/${project}`, { description: HOSTILE }), 200);
  const main = { version, model_id: named };
  expectStatus(await asAdmin("POST", `${made.path}/versions`, { main, challenger: main, note: HOSTILE }), 201);
  const key = expectStatus(await asAdmin("POST", `${made.path}/keys`, { name: HOSTILE }), 201).text("id");
  const hook = { kind: "errors", notify: { webhook_url: `https://receiver.invalid/${HOSTILE}` } };
  const alert = expectStatus(await asAdmin("POST", `${made.path}/alerts`, hook), 201).text("id");
  const own = expectStatus(await asAdmin("POST", "/api/v1/tokens", { name: HOSTILE }), 201).text("id");
  const predicted = expectStatus(
    await predictOne(made, { [HOSTILE]: 4, kind: HOSTILE, [`${HOSTILE}2`]: HOSTILE }),
    200,
  );
  const invited = await asAdmin("POST", "/api/v1/users", { email: "invited@tiltyard.test", name: HOSTILE });
  const link = new URL(expectStatus(invited, 201).text("invitation_url")).pathname;
  const connections = `/api/v1/projects/${project}/connections`;
  const connected = { name: HOSTILE, kind: "s3", settings: STORE, secret: { secret_access_key: HOSTILE } };
  const connection = expectStatus(await asAdmin("POST", connections, connected), 201).text("id");
  const rows = { host: "db.invalid", database: HOSTILE, user: HOSTILE };
  const read = { name: HOSTILE, kind: "postgres", settings: rows, secret: { password: HOSTILE } };
  const database = expectStatus(await asAdmin("POST", connections, read), 201).text("id");
  const file = { name: HOSTILE, file: { name: `${HOSTILE}.csv`, content: csv } };
  const datasets = `/api/v1/projects/${project}/datasets`;
  const dataset = expectStatus(await upload(datasets, user.token, file), 201).text("id");
  const nightly = {
    name: HOSTILE,
    deployment_id: made.id,
    source: { kind: "query", connection_id: database, sql: HOSTILE },
    destinations: [{ connection_id: connection, key_pattern: HOSTILE, format: "csv" }],
  };
  const pipelines = `/api/v1/projects/${project}/pipelines`;
  const pipeline = expectStatus(await asAdmin("POST", pipelines, nightly), 201).text("id");
  const ids: Ids = {
    project,
    connection,
    dataset,
    upload: dataset,
    pipeline,
    run: await storeRun(pipeline, made.id, "failed"),
    experiment,
    model: named,
    key,
    alert,
    token: own,
    user: user.id,
    deployment: made.id,
    prediction: predicted.text("prediction_id"),
    invitation: link.split("/").at(-1) ?? "",
  };
  const browser = new Browser();
  await browser.signIn(user);
  const routes = ROUTES.filter(({ method, pattern }) => method === "GET" && isPage(pattern));
  const pages = routes.map(({ pattern }) => addressOf(pattern, ids));
  return { browser, ids, token, slug: made.slug, pages };
}

/** A page as it was answered. */
export interface Page {
  path: string;
  response: Response;
  html: string;
}

/** What is answered as HTML of these addresses. */
export async function htmlOf(browser: Browser, paths: string[]): Promise<Page[]> {
  const found: Page[] = [];
  for (const path of paths) {
    const response = await browser.get(path);
    const html = await response.text();
    if (response.headers.get("content-type")?.startsWith("text/html")) found.push({ path, response, html });
  }
  return found;
}

/** Pages that come of refused forms, with what was typed in them: longer than a name may be, so that none is accepted. */
export async function echoesOf({ browser, ids }: HostileWorld): Promise<Page[]> {
  const long = HOSTILE.repeat(3);
  const names = [
    "name",
    "email",
    "password",
    "description",
    "confirm",
    "role",
    "next",
    "note",
    "task",
    "target",
    "access",
  ];
  const fields = Object.fromEntries(
    [...names, "expires_in_days", "main.model_id", HOSTILE].map((name) => [name, long]),
  );
  const found: Page[] = [];
  for (const { method, pattern } of ROUTES) {
    if (
      method !== "POST" ||
      !isPage(pattern) ||
      /sign-out|reactivate|deactivate|invitation$|revoke|remove/.test(pattern)
    )
      continue;
    const path = addressOf(pattern, ids);
    const response = await browser.post(path, fields);
    const html = await response.text();
    if (response.headers.get("content-type")?.startsWith("text/html")) found.push({ path, response, html });
  }
  return found;
}

/** Addresses with something nasty in them that pages show again or trip over. */
export const oddPages = ({ ids, slug }: HostileWorld): string[] => [
  `/${encodeURIComponent(HOSTILE)}`,
  `/projects/${encodeURIComponent(HOSTILE)}`,
  `/f/${encodeURIComponent(HOSTILE)}`,
  `/projects/${ids.project}/audit?actor=${encodeURIComponent(HOSTILE)}&from=${encodeURIComponent(HOSTILE)}`,
  `/projects/${ids.project}/deployments?q=${encodeURIComponent(HOSTILE)}&sort=${encodeURIComponent(HOSTILE)}`,
  `/projects/${ids.project}/deployments/new?experiment=${ids.experiment}&name=${encodeURIComponent(HOSTILE)}`,
  `/projects/${ids.project}/experiments?cursor=${encodeURIComponent(HOSTILE)}`,
  `/deployments/${ids.deployment}/predictions?version=${encodeURIComponent(HOSTILE)}`,
  `/f/${slug}?example=1`,
  `/static/none?${encodeURIComponent(HOSTILE)}`,
];
