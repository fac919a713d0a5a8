import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { database } from "../../../src/db.ts";
import { notifyRun } from "../../../src/pipelines/runs/notify-run.ts";
import { isSignedBy, Receiver } from "../../alerts/receiver.ts";
import { deployModel, expectStatus, type TestDeployment } from "../../support/deployment.ts";
import { callApi, ORIGIN, startInstance } from "../../support/instance.ts";
import { timesModel } from "../../support/models.ts";
import { rowsOf, storeRun, URL_SOURCE } from "../pipeline-fixtures.ts";

const HOOK = "https://hooks.example.org/runs";
const NOW = Date.UTC(2026, 4, 4, 6, 30);
const FAILED = {
  state: "failed",
  version: 2,
  rowsTotal: 12_000,
  rowsDone: 5_000,
  rowsFailed: 50,
  errorCode: "delivery_failed",
  errorMessage: "Nobody answers at <db.example.org>.",
  startedAt: NOW - 60_000,
  finishedAt: NOW,
} as const;

let deployment: TestDeployment;
let receiver: Receiver;
let pipeline: string;
let secret: string;

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), name: "Churn & co" });
});

beforeEach(async () => {
  await env.DB.batch(["deliveries", "runs", "pipelines"].map((table) => env.DB.prepare(`delete from ${table}`)));
  const body = {
    name: "Nightly scores",
    deployment_id: deployment.id,
    source: URL_SOURCE,
    notify: { webhook_url: HOOK },
  };
  const path = `/api/v1/projects/${deployment.project}/pipelines`;
  const made = expectStatus(await callApi("POST", path, body, deployment.owner.token), 201);
  [pipeline, secret] = [made.text("id"), made.text("signing_secret")];
  receiver = new Receiver();
});

afterEach(() => {
  vi.restoreAllMocks();
});

function tell(id: string, environment: Env = env): Promise<void> {
  return notifyRun(environment, database(env), id, NOW, [0, 0]);
}

const notifiedAt = async () => (await rowsOf("runs"))[0]?.["notifiedAt"];

describe("how a run ended", () => {
  it("is told once, signed, with what there is to know", async () => {
    const id = await storeRun(deployment, pipeline, FAILED);
    await Promise.all([tell(id), tell(id)]);
    await tell(id);
    expect(receiver.received).toHaveLength(1);
    const { last } = receiver;
    expect(last.url).toBe(HOOK);
    expect(isSignedBy(secret, last)).toBe(true);
    expect(last.headers.get("x-tiltyard-delivery")).toBe(`${id}-1`);
    expect(last.body).toMatchObject({
      event: "run",
      state: "failed",
      pipeline: { id: pipeline, name: "Nightly scores" },
      deployment: { id: deployment.id, slug: deployment.slug, name: "Churn & co" },
      run: { id, attempt: 1, version: 2, finished_at: "2026-05-04T06:30:00.000Z" },
      rows_total: 12_000,
      rows_done: 5_000,
      rows_failed: 50,
      error: { code: "delivery_failed", message: FAILED.errorMessage },
      at: "2026-05-04T06:30:00.000Z",
      url: `${ORIGIN}/runs/${id}`,
    });
    expect(last.body["text"]).toBe(
      `Failed: Nightly scores with Churn &amp; co. 4,950 of 12,000 rows predicted, 50 failed. Nobody answers at &lt;db.example.org&gt;. ${ORIGIN}/runs/${id}`,
    );
    expect(await notifiedAt()).toBe(NOW);
  });

  it("is told when it succeeded, and anew of a retry", async () => {
    const id = await storeRun(deployment, pipeline, {
      ...FAILED,
      state: "succeeded",
      errorCode: null,
      errorMessage: null,
    });
    await tell(id);
    expect(receiver.last.body).toMatchObject({ state: "succeeded", error: null });
    await env.DB.prepare(`update runs set state = 'failed', attempt = 2, "notifiedAt" = null`).run();
    await tell(id);
    expect(receiver.received.map(({ body }) => body["state"])).toEqual(["succeeded", "failed"]);
    expect(receiver.last.headers.get("x-tiltyard-delivery")).toBe(`${id}-2`);
  });

  it.each(["queued", "running", "cancelled", "skipped"] as const)("is not told while it is %s", async (state) => {
    await tell(await storeRun(deployment, pipeline, { state }));
    expect([receiver.received, await notifiedAt()]).toEqual([[], null]);
  });

  it("is told to nobody where nobody is named, the pipeline is deleted, or there is no run", async () => {
    const id = await storeRun(deployment, pipeline, FAILED);
    await callApi("PATCH", `/api/v1/pipelines/${pipeline}`, { notify: null }, deployment.owner.token);
    await tell(id);
    await callApi("DELETE", `/api/v1/pipelines/${pipeline}`, undefined, deployment.owner.token);
    await tell(id);
    await tell("run_none");
    expect(receiver.received).toEqual([]);
  });

  it("is tried three times under one id, and never fails the run", async () => {
    const id = await storeRun(deployment, pipeline, FAILED);
    const down = () => new Response(null, { status: 503 });
    const unreachable = () => {
      throw new TypeError("network");
    };
    receiver.answers = [down, unreachable, down, down];
    await tell(id);
    expect(receiver.received.map(({ headers }) => headers.get("x-tiltyard-delivery"))).toEqual(
      Array.from({ length: 3 }, () => `${id}-1`),
    );
    expect((await rowsOf("runs"))[0]).toMatchObject({ state: "failed", notifiedAt: NOW });
  });

  it("does not throw where nothing can be read", async () => {
    const broken = { batch: "none" } as unknown as ReturnType<typeof database>;
    await expect(notifyRun(env, broken, "run_any", NOW)).resolves.toBeUndefined();
  });

  it("is told by e-mail", async () => {
    await env.DB.prepare(
      `update pipelines set "notifyBy" = 'email', "notifyTo" = 'ada@example.org', "sealedSecret" = null`,
    ).run();
    const id = await storeRun(deployment, pipeline, FAILED);
    const settings = { EMAIL_API_URL: "https://mail.example.org/", EMAIL_API_KEY: "key", EMAIL_FROM: "t@example.org" };
    await tell(id, { ...env, ...settings });
    expect(receiver.received).toHaveLength(1);
    const { url, body, headers } = receiver.last;
    expect([url, headers.get("authorization"), headers.get("idempotency-key")]).toEqual([
      "https://mail.example.org/",
      "Bearer key",
      `${id}-1`,
    ]);
    expect(body).toMatchObject({ to: "ada@example.org", subject: "Failed: Nightly scores with Churn & co" });
    expect(body["text"]).toContain("Nobody answers at <db.example.org>.");
    expect(body["text"]).toContain(`${ORIGIN}/runs/${id}`);
  });
});
