import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { database } from "../../src/db.ts";
import { readStatus } from "../../src/deployments/deployment-status.ts";
import { unloadSession } from "../../src/engine/sessions.ts";
import { probeDeployments } from "../../src/inference/call/probe-deployments.ts";
import { MINUTE_MS } from "../../src/lib/time.ts";
import { Browser } from "../support/browser.ts";
import { deployModel, eventually, predictOne, readAs, type TestDeployment } from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { tableModel, timesModel } from "../support/models.ts";

let deployment: TestDeployment;
let factor = 100;

beforeAll(async () => {
  await startInstance();
});

beforeEach(async () => {
  // A model of its own for each test: sessions are shared by their bytes.
  factor += 1;
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(factor), name: `Times ${factor}` });
});

function status() {
  return readStatus(database(env), deployment.id);
}

/** Ticks at each of these minutes, and the minutes at which the deployment was looked at. */
async function looksAt(startMs: number, minutes: readonly number[]): Promise<number[]> {
  const looks = new Set<number>();
  for (const minute of minutes) {
    await probeDeployments(env, database(env), startMs + minute * MINUTE_MS);
    looks.add(((await status())?.checkedAt ?? 0) - startMs);
  }
  return [...looks].map((ms) => ms / MINUTE_MS);
}

async function recorded(): Promise<number> {
  return (await readAs(deployment.owner, `${deployment.path}/predictions`)).each("prediction_id").length;
}

/** Damages the stored model, in a host that begins anew; gives back what repairs it. */
async function damage(): Promise<() => Promise<void>> {
  const key = `models/${deployment.mainId}/serving.onnx`;
  const bytes = new Uint8Array((await (await env.STORE.get(key))?.arrayBuffer()) ?? new ArrayBuffer());
  await env.STORE.put(key, bytes.with(bytes.length - 10, 255));
  const row = await env.DB.prepare('select "servingSha256" as sha from models where id = ?')
    .bind(deployment.mainId)
    .first<{ sha: string }>();
  unloadSession(row?.sha ?? "");
  await evictDurableObject(hostOf(deployment));
  return async () => {
    await env.STORE.put(key, bytes);
  };
}

describe("a deployment without traffic", () => {
  it("is probed by a row that is neither recorded nor counted", async () => {
    await probeDeployments(env, database(env), Date.now());
    expect(await status()).toMatchObject({ running: true, reason: null, failures: 0, version: 1 });
    expect(await recorded()).toBe(0);
    expect((await readAs(deployment.owner, `${deployment.path}/monitoring/drift`)).at("window.rows")).toBe(0);
  });

  it("is probed after 1, 2, 4 and at last 30 minutes", async () => {
    const minutes = Array.from({ length: 125 }, (_, minute) => minute);
    const start = Date.now() + 10 * MINUTE_MS;
    expect(await looksAt(start, minutes)).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
  });

  it("is not running once its model cannot be loaded, since then, and running again when it can", async () => {
    const start = Date.now() + 10 * MINUTE_MS;
    await probeDeployments(env, database(env), start);
    const repair = await damage();
    await probeDeployments(env, database(env), start + MINUTE_MS);
    const broken = await status();
    expect(broken).toMatchObject({ running: false, since: start + MINUTE_MS, failures: 1 });
    expect(broken?.reason).toContain("SHA-256");
    await probeDeployments(env, database(env), start + 2 * MINUTE_MS);
    expect(await status()).toMatchObject({ running: false, since: start + MINUTE_MS, failures: 2 });
    await repair();
    await probeDeployments(env, database(env), start + 4 * MINUTE_MS);
    expect(await status()).toMatchObject({ running: true, since: start + 4 * MINUTE_MS, failures: 0, reason: null });
  });

  it("is not running where its model fails on a typical row", async () => {
    deployment = await deployModel({ csv: "amount\n1\n2\n", model: tableModel([0, 1, 2, 3 + factor]) });
    await env.DB.prepare('update experiment_versions set features = replace(features, ?, ?) where "experimentId" = ?')
      .bind('"example":', '"example":77,"was":', deployment.experiment)
      .run();
    await probeDeployments(env, database(env), Date.now() + 10 * MINUTE_MS);
    const seen = await status();
    expect(seen).toMatchObject({ running: false });
    expect(seen?.reason).toContain("Gather");
  });
});

describe("a deployment with traffic", () => {
  it("is running by its answers, looked at each minute while they last", async () => {
    const start = Date.now();
    await probeDeployments(env, database(env), start);
    await predictOne(deployment, { amount: 1 });
    expect(await looksAt(start, [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
    expect(await status()).toMatchObject({ running: true, since: start });
    await eventually(pushed, (isAll) => isAll);
    // From here on it is probed, less and less often.
    expect(await looksAt(start, [5, 6, 7, 8, 9, 10, 11, 12])).toEqual([5, 7, 11]);
  });

  it("is looked at again as soon as it is called", async () => {
    const start = Date.now() - 20 * MINUTE_MS;
    await looksAt(start, [0, 1, 3, 7, 15]);
    await predictOne(deployment, { amount: 1 });
    await eventually(isCalled, (isNoted) => isNoted);
    expect(await looksAt(start, [17])).toEqual([17]);
  });

  /** Whether the host holds counts since a call. */
  async function isCalled(): Promise<boolean> {
    const row = await env.DB.prepare(
      'select 1 as noted from deployment_hosts where "deploymentId" = ? and "unpushedSince" > "createdAt"',
    )
      .bind(deployment.id)
      .first();
    return row !== null;
  }

  async function pushed(): Promise<boolean> {
    await hostOf(deployment).settle();
    return !(await isCalled());
  }
});

it("another version is looked at at once", async () => {
  const start = Date.now() + 10 * MINUTE_MS;
  await looksAt(start, [0, 1, 3, 7]);
  const body = { main: { version: 1, model_id: deployment.mainId } };
  const added = await callApi("POST", `${deployment.path}/versions`, body, deployment.owner.token);
  expect(added.status).toBe(201);
  expect(await looksAt(start, [8])).toEqual([8]);
  expect(await status()).toMatchObject({ version: 2, running: true, since: start });
});

it("one that cannot be looked at keeps none of the others from it", async () => {
  const broken = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(3) });
  await env.DB.prepare('delete from deployment_versions where "deploymentId" = ?').bind(broken.id).run();
  await probeDeployments(env, database(env), Date.now() + 10 * MINUTE_MS);
  expect(await status()).toMatchObject({ running: true });
  expect(await readStatus(database(env), broken.id)).toMatchObject({ running: false });
});

describe("since when it is running", () => {
  it("is on the list and the General page, once it has been looked at", async () => {
    const browser = new Browser();
    await browser.signIn(deployment.owner);
    const pages = [`/projects/${deployment.project}/deployments`, `/deployments/${deployment.slug}`];
    for (const path of pages) expect((await browser.page(path)).text).not.toContain("Running since");
    const atMs = Date.now() - 3 * MINUTE_MS;
    await probeDeployments(env, database(env), atMs);
    // The list may show what it was told some seconds ago.
    const fresh = await browser.page(pages[1] ?? "");
    const since = fresh.all("dd time").map((time) => time.attribute("datetime"));
    expect(since).toContain(new Date(atMs).toISOString());
    expect(fresh.fact("Running")).toMatch(/^Running since /);
    expect((await browser.page(pages[0] ?? "")).text).toContain("Running since");
  });
});
