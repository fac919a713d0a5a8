import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { evaluateAlerts } from "../../src/alerts/evaluate-alerts.ts";
import { runCron } from "../../src/cron.ts";
import { database } from "../../src/db.ts";
import type { Answer } from "../support/answer.ts";
import { deployModel, expectStatus, type TestDeployment } from "../support/deployment.ts";
import { callApi, startInstance } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { Clock } from "./clock.ts";
import { isSignedBy, Receiver } from "./receiver.ts";

let deployment: TestDeployment;
let receiver: Receiver;
let clock: Clock;
let secret: string;

beforeAll(async () => {
  await startInstance();
});

beforeEach(async () => {
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), name: "Churn" });
  receiver = new Receiver();
  clock = new Clock();
  secret = (await addAlert({ kind: "not_running" })).text("signing_secret");
});

afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.prepare("delete from alerts").run();
});

async function addAlert(wanted: Record<string, unknown>): Promise<Answer> {
  const body = { notify: { webhook_url: "https://hooks.example.org/x" }, ...wanted };
  return expectStatus(await callApi("POST", `${deployment.path}/alerts`, body, deployment.owner.token), 201);
}

/** The alert of the deployment that was made first. */
async function alert(): Promise<Record<string, unknown>> {
  const listed = await callApi("GET", `${deployment.path}/alerts`, undefined, deployment.owner.token);
  return listed.at(`items.${listed.each("id").length - 1}`) as Record<string, unknown>;
}

/** Whether the deployment runs, as the store says: what has failed is not running. */
async function setBroken(isBroken: boolean): Promise<void> {
  await env.DB.prepare('update deployments set deployed = ?, "errorMessage" = ? where id = ?')
    .bind(isBroken ? "failed" : "deployed", isBroken ? "The model is broken." : null, deployment.id)
    .run();
  // A look that is due at the next tick, however seldom it would be.
  await env.DB.prepare('update deployment_status set "nextProbeAt" = 0').run();
}

/** Ticks until the incident has begun: not running is noticed at the first, and is one after two minutes. */
async function breakDown(): Promise<void> {
  await clock.tick();
  await setBroken(true);
  await clock.tick();
  await clock.tick();
  await clock.tick();
}

describe("an incident", () => {
  it("is told once when it begins, however long it lasts", async () => {
    await clock.tick();
    expect(await alert()).toMatchObject({ state: "ok", last_value: 0 });
    await setBroken(true);
    await clock.tick();
    await clock.tick();
    expect([await alert(), receiver.received]).toMatchObject([{ state: "ok", last_value: 1 }, []]);
    await clock.tick();
    expect(await alert()).toMatchObject({ state: "firing", last_value: 2, since: new Date(clock.nowMs).toISOString() });
    for (let minute = 0; minute < 5; minute += 1) await clock.tick();
    expect(receiver.events).toEqual(["firing"]);
    const { last } = receiver;
    expect(last.body).toMatchObject({ event: "firing", value: 2, threshold: 2, deployment: { name: "Churn" } });
    expect(last.body["text"]).toContain("Firing: Not running of Churn, now 2 min (fires at 2 min or more).");
    expect(last.body["text"]).toContain("The model is broken.");
    expect(isSignedBy(secret, last)).toBe(true);
  });

  it("is told resolved after two fine looks, and another one is told again", async () => {
    await breakDown();
    await setBroken(false);
    await clock.tick();
    expect([await alert(), receiver.events]).toMatchObject([{ state: "firing", last_value: 0 }, ["firing"]]);
    await clock.tick();
    expect([await alert(), receiver.events]).toMatchObject([{ state: "ok" }, ["firing", "resolved"]]);
    await clock.tick();
    await breakDown();
    expect(receiver.events).toEqual(["firing", "resolved", "firing"]);
    expect(new Set(receiver.received.map(({ headers }) => headers.get("x-tiltyard-delivery"))).size).toBe(3);
  });

  it("neither begins nor ends where nothing is known", async () => {
    await breakDown();
    await env.DB.prepare("delete from deployment_status").run();
    for (let minute = 1; minute <= 3; minute += 1)
      await evaluateAlerts(env, database(env), clock.nowMs + minute * 60_000);
    expect([await alert(), receiver.events]).toMatchObject([{ state: "firing", last_value: null }, ["firing"]]);
  });

  it("is told once when ticks come twice, or at the same time", async () => {
    await clock.tick();
    await setBroken(true);
    await clock.tick();
    await clock.tickAgain();
    await clock.tick(2);
    await clock.tickAgain();
    await setBroken(false);
    await Promise.all([runCron(env, clock.nowMs + 60_000), runCron(env, clock.nowMs + 60_000)]);
    expect([(await alert())["state"], receiver.events]).toEqual(["firing", ["firing"]]);
    await Promise.all([runCron(env, clock.nowMs + 120_000), runCron(env, clock.nowMs + 120_001)]);
    expect([(await alert())["state"], receiver.events]).toEqual(["ok", ["firing", "resolved"]]);
  });

  it("is told by each alert that is for it, also where the look of another one fails", async () => {
    await addAlert({ kind: "not_running", threshold: 3 });
    const broken = (await addAlert({ kind: "drift" })).text("id");
    // Windows that cannot be read.
    await env.DB.prepare(
      `insert into monitoring_windows ("deploymentId", span, start, version, host, source, "referenceId", rows, "computeMs", features, answers, usage, revision)
       select ?, 'hour', ?, 1, 'local0', 'online', "versionId", 1, 0, 'no JSON', '{}', '{}', 1 from models where id = ?`,
    )
      .bind(deployment.id, Math.floor(Date.now() / 3_600_000) * 3_600_000, deployment.mainId)
      .run();
    await breakDown();
    await clock.tick();
    expect(receiver.events).toEqual(["firing", "firing"]);
    const listed = await callApi("GET", `${deployment.path}/alerts`, undefined, deployment.owner.token);
    const failed = (listed.at("items") as Record<string, unknown>[]).find(({ id }) => id === broken);
    expect(failed).toMatchObject({ state: "unknown", last_error: expect.stringContaining("check failed") });
  });

  it("is told no more once the alert or the deployment is gone", async () => {
    receiver.answers = Array.from({ length: 10 }, () => () => new Response(null, { status: 500 }));
    await breakDown();
    expect(receiver.events).toEqual(["firing"]);
    await callApi("DELETE", deployment.path, undefined, deployment.owner.token);
    await clock.tick(60);
    expect(receiver.events).toEqual(["firing"]);
    const left = await env.DB.prepare(
      'select (select count(*) from alerts) + (select count(*) from alert_incidents) + (select count(*) from alert_deliveries) + (select count(*) from deployment_status where "deploymentId" = ?) as n',
    )
      .bind(deployment.id)
      .first<{ n: number }>();
    expect(left?.n).toBe(0);
  });
});

describe("a message that does not arrive", () => {
  const refuse = () => new Response("no", { status: 503 });

  it("is tried again after 1, 2, 4 minutes with the same id, signed anew, until it arrives", async () => {
    receiver.answers = [refuse, refuse, refuse];
    await breakDown();
    expect(await alert()).toMatchObject({
      last_error: "The last message was not delivered. The receiver answered 503. Next attempt in 1 min.",
    });
    const attempts = [receiver.received.length];
    for (let minute = 1; minute <= 9; minute += 1) {
      await clock.tick();
      attempts.push(receiver.received.length);
    }
    // At 0, 1, 3 and 7 min.
    expect(attempts).toEqual([1, 2, 2, 3, 3, 3, 3, 4, 4, 4]);
    const ids = receiver.received.map(({ headers }) => headers.get("x-tiltyard-delivery"));
    expect(new Set(ids).size).toBe(1);
    const times = receiver.received.map(({ headers }) => Number(headers.get("x-tiltyard-timestamp")));
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 60, 180, 420]);
    for (const request of receiver.received) expect(isSignedBy(secret, request)).toBe(true);
    expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
    expect((await alert())["last_error"]).toBeNull();
  });

  it("is given up after eight attempts, and the alert says so", async () => {
    receiver.answers = Array.from({ length: 20 }, () => refuse);
    await breakDown();
    for (const minutes of [1, 2, 4, 8, 16, 32, 64, 128, 256]) await clock.tick(minutes);
    expect(receiver.received).toHaveLength(8);
    expect((await alert())["last_error"]).toBe(
      "The last message was not delivered. The receiver answered 503. Tiltyard gave up after 8 attempts.",
    );
  });

  it("is not overtaken by the message that the incident is over", async () => {
    receiver.answers = [refuse, refuse, refuse];
    await breakDown();
    await setBroken(false);
    for (let minute = 1; minute <= 9; minute += 1) await clock.tick();
    expect(receiver.events).toEqual(["firing", "firing", "firing", "firing", "resolved"]);
  });

  it("does not keep the messages of other alerts", async () => {
    await addAlert({ kind: "not_running", notify: { webhook_url: "https://other.example.org/" } });
    receiver.answers = [() => Promise.reject(new TypeError("no way there"))];
    await breakDown();
    expect(receiver.received).toHaveLength(2);
    await clock.tick();
    expect(receiver.received).toHaveLength(3);
  });
});
