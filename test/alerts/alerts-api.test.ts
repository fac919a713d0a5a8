import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp } from "../../src/app.tsx";
import { Answer } from "../support/answer.ts";
import { deployModel, expectStatus, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, ORIGIN, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { isSignedBy, Receiver } from "./receiver.ts";

const HOOK = "https://hooks.example.org/services/T0/secret-path";
const ERRORS = { kind: "errors", notify: { webhook_url: HOOK } };

let deployment: TestDeployment;
let path: string;
let receiver: Receiver;

beforeAll(async () => {
  await startInstance();
});

beforeEach(async () => {
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), name: "Churn <b>" });
  path = `${deployment.path}/alerts`;
  receiver = new Receiver();
});

afterEach(() => {
  vi.restoreAllMocks();
});

function asOwner(method: string, address: string, body?: unknown): Promise<Answer> {
  return callApi(method, address, body, deployment.owner.token);
}

async function member(role: string): Promise<TestUser> {
  const user = await createUser();
  const members = `/api/v1/projects/${deployment.project}/members/${user.id}`;
  expectStatus(await asOwner("PUT", members, { role }), 200);
  return user;
}

/** The same call to an instance with other settings. */
async function callWith(settings: Partial<Env>, body: unknown, address = path): Promise<Answer> {
  const headers = { authorization: `Bearer ${deployment.owner.token}`, "content-type": "application/json" };
  const request = new Request(`${ORIGIN}${address}`, { method: "POST", headers, body: JSON.stringify(body) });
  return Answer.of(await createApp().fetch(request, { ...env, ...settings }, createExecutionContext()));
}

describe("an alert", () => {
  it("is made with the default of its kind, and shows its signing secret once", async () => {
    const made = expectStatus(await asOwner("POST", path, ERRORS), 201);
    expect(made.body).toMatchObject({
      kind: "errors",
      threshold: 0.05,
      metric: null,
      notify: { webhook_url: HOOK },
      state: "unknown",
      last_value: null,
      last_checked_at: null,
      last_error: null,
    });
    expect(made.text("signing_secret")).toMatch(/^tys_[0-9A-Za-z]{43}$/);
    const listed = await asOwner("GET", path);
    expect(listed.each("id")).toEqual([made.text("id")]);
    expect(JSON.stringify(listed.body)).not.toContain(made.text("signing_secret"));
    expect(Object.keys(listed.at("items.0") as object)).not.toContain("signing_secret");
  });

  it("keeps the secret sealed, in a form that opens for its own row only", async () => {
    const made = expectStatus(await asOwner("POST", path, ERRORS), 201);
    const other = expectStatus(await asOwner("POST", path, ERRORS), 201);
    const rows = await env.DB.prepare("select * from alerts").all();
    expect(JSON.stringify(rows.results)).not.toContain(made.text("signing_secret").slice(4, 20));
    await env.DB.prepare(
      'update alerts set "sealedSecret" = (select "sealedSecret" from alerts where id = ?) where id = ?',
    )
      .bind(other.text("id"), made.text("id"))
      .run();
    const tested = await asOwner("POST", `${path}/${made.text("id")}/test`);
    expect(tested.body).toMatchObject({ ok: false });
    expect(tested.text("detail")).toContain("SEALING_KEY");
    expect(receiver.received).toEqual([]);
  });

  it.each([
    ["drift", 1],
    ["latency", 1000],
    ["not_running", 2],
  ])("of %s has the threshold %d unless told", async (kind, threshold) => {
    expect((await asOwner("POST", path, { ...ERRORS, kind })).at("threshold")).toBe(threshold);
    expect((await asOwner("POST", path, { ...ERRORS, kind, threshold: 7 })).at("threshold")).toBe(7);
  });

  it("of performance is about the headline metric of the task unless told", async () => {
    const performance = { ...ERRORS, kind: "performance", threshold: 3 };
    expect((await asOwner("POST", path, performance)).at("metric")).toBe("rmse");
    expect((await asOwner("POST", path, { ...performance, metric: "r2" })).at("metric")).toBe("r2");
  });

  it.each([
    ["no kind", { notify: ERRORS.notify }, "kind"],
    ["an unknown kind", { ...ERRORS, kind: "weather" }, "kind"],
    ["nobody to tell", { kind: "errors" }, "notify"],
    ["an empty receiver", { kind: "errors", notify: {} }, "notify"],
    ["two receivers", { kind: "errors", notify: { webhook_url: HOOK, email: "a@example.org" } }, "notify"],
    ["a text as threshold", { ...ERRORS, threshold: "0.1" }, "threshold"],
    ["a share above 1", { ...ERRORS, threshold: 5 }, "threshold"],
    ["a share of none", { ...ERRORS, threshold: 0 }, "threshold"],
    ["half a column", { ...ERRORS, kind: "drift", threshold: 0.5 }, "threshold"],
    ["a negative latency", { ...ERRORS, kind: "latency", threshold: -1 }, "threshold"],
    ["performance without a threshold", { ...ERRORS, kind: "performance" }, "threshold"],
    ["a metric of another task", { ...ERRORS, kind: "performance", threshold: 1, metric: "f1" }, "metric"],
    ["a metric where none is measured", { ...ERRORS, metric: "rmse" }, "metric"],
    ["no URL", { kind: "errors", notify: { webhook_url: "hooks.example.org" } }, "notify.webhook_url"],
    ["another scheme", { kind: "errors", notify: { webhook_url: "ftp://example.org/" } }, "notify.webhook_url"],
    [
      "a password in the URL",
      { kind: "errors", notify: { webhook_url: "https://a:b@example.org" } },
      "notify.webhook_url",
    ],
    ["a metadata service", { kind: "errors", notify: { webhook_url: "http://0xa9fea9fe/" } }, "notify.webhook_url"],
    ["a private address", { kind: "errors", notify: { webhook_url: "http://127.1:8080/" } }, "notify.webhook_url"],
    ["no e-mail address", { kind: "errors", notify: { email: "somebody" } }, "notify.email"],
    ["e-mail where none can be sent", { kind: "errors", notify: { email: "a@example.org" } }, "notify.email"],
  ])("is refused with %s, naming what is wrong", async (_, body, field) => {
    const refused = await asOwner("POST", path, body);
    expect([refused.status, refused.at("code"), refused.at("errors.0.path")]).toEqual([422, "invalid_input", field]);
    expect((await asOwner("GET", path)).each("id")).toEqual([]);
  });

  it("may tell a private address where the operator allows it, a metadata service nowhere", async () => {
    const to = (url: string) => ({ kind: "errors", notify: { webhook_url: url } });
    expect((await callWith({ ALLOW_PRIVATE_NETWORK: "1" }, to("http://localhost:9000/hook"))).status).toBe(201);
    expect((await callWith({ ALLOW_PRIVATE_NETWORK: "1" }, to("http://169.254.169.254/"))).status).toBe(422);
    const id = String((await asOwner("GET", path)).each("id")[0]);
    // The setting counts when it is sent, too.
    expect((await asOwner("POST", `${path}/${id}/test`)).text("detail")).toContain("private address");
    expect(receiver.received).toEqual([]);
  });

  it("is one of 20 a deployment at most, also when many are made at once", async () => {
    const answers = await Promise.all(Array.from({ length: 23 }, () => asOwner("POST", path, ERRORS)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      ...Array.from({ length: 20 }, () => 201),
      ...Array.from({ length: 3 }, () => 422),
    ]);
    expect((await asOwner("GET", path)).each("id")).toHaveLength(20);
  });

  it("is listed page by page, newest first, and for no limit that is none", async () => {
    const ids: string[] = [];
    for (let made = 0; made < 3; made++) ids.unshift(expectStatus(await asOwner("POST", path, ERRORS), 201).text("id"));
    // All of the same millisecond but the first: then their ids settle the order.
    await env.DB.prepare('update alerts set "createdAt" = 2 where id <> ?').bind(ids[2]).run();
    await env.DB.prepare('update alerts set "createdAt" = 1 where id = ?').bind(ids[2]).run();
    const expected = [...ids.slice(0, 2).toSorted().toReversed(), ids[2]];
    const first = await asOwner("GET", `${path}?limit=1`);
    const rest = await asOwner("GET", `${path}?limit=2&cursor=${encodeURIComponent(first.text("next_cursor"))}`);
    expect([...first.each("id"), ...rest.each("id"), rest.at("next_cursor")]).toEqual([...expected, null]);
    expect((await asOwner("GET", path)).each("id")).toEqual(expected);
    const refused = await asOwner("GET", `${path}?limit=abc`);
    expect([refused.status, refused.at("errors.0.path")]).toEqual([422, "limit"]);
  });

  it("is gone once deleted, a second time it is not there", async () => {
    const id = expectStatus(await asOwner("POST", path, ERRORS), 201).text("id");
    expect((await asOwner("DELETE", `${path}/${id}`)).status).toBe(204);
    expect((await asOwner("DELETE", `${path}/${id}`)).status).toBe(404);
    expect((await asOwner("GET", path)).each("id")).toEqual([]);
  });

  it("is not found under another deployment", async () => {
    const id = expectStatus(await asOwner("POST", path, ERRORS), 201).text("id");
    const other = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), owner: deployment.owner });
    expect((await asOwner("DELETE", `${other.path}/alerts/${id}`)).status).toBe(404);
    expect((await asOwner("POST", `${other.path}/alerts/${id}/test`)).status).toBe(404);
  });

  it("is read by viewers, made by contributors, who delete what they made, and admins of the project any", async () => {
    const [viewer, contributor, admin] = [await member("viewer"), await member("contributor"), await member("admin")];
    const of = (user: TestUser, method: string, address: string, body?: unknown) =>
      callApi(method, address, body, user.token);
    const owners = expectStatus(await asOwner("POST", path, ERRORS), 201).text("id");
    expect((await of(viewer, "GET", path)).status).toBe(200);
    expect((await of(viewer, "POST", path, ERRORS)).status).toBe(403);
    expect((await of(viewer, "POST", `${path}/${owners}/test`)).status).toBe(403);
    expect((await of(viewer, "DELETE", `${path}/${owners}`)).status).toBe(403);
    expect((await of(contributor, "DELETE", `${path}/${owners}`)).status).toBe(403);
    const own = expectStatus(await of(contributor, "POST", path, ERRORS), 201).text("id");
    expect((await of(contributor, "POST", `${path}/${owners}/test`)).status).toBe(200);
    expect((await of(contributor, "DELETE", `${path}/${own}`)).status).toBe(204);
    expect((await of(admin, "DELETE", `${path}/${owners}`)).status).toBe(204);
  });

  it("is in the audit log when made and deleted, with the host of its webhook and no more of it", async () => {
    const made = expectStatus(await asOwner("POST", path, ERRORS), 201);
    await asOwner("DELETE", `${path}/${made.text("id")}`);
    const log = await asOwner("GET", `/api/v1/projects/${deployment.project}/audit?limit=2`);
    expect(log.each("action")).toEqual(["alert.delete", "alert.create"]);
    expect(log.at("items.1.after")).toMatchObject({ kind: "errors", threshold: 0.05, webhook: "hooks.example.org" });
    expect(log.at("items.0.before")).toMatchObject({ kind: "errors" });
    expect(JSON.stringify(log.body)).not.toContain("secret-path");
    expect(JSON.stringify(log.body)).not.toContain(made.text("signing_secret"));
  });
});

describe("a test message", () => {
  it("is one line that Slack shows, signed, and to be told from others", async () => {
    const made = expectStatus(await asOwner("POST", path, ERRORS), 201);
    const tested = expectStatus(await asOwner("POST", `${path}/${made.text("id")}/test`), 200);
    expect(tested.body).toEqual({ ok: true, detail: "The receiver answered 200." });
    const { last } = receiver;
    expect([last.url, last.redirect]).toEqual([HOOK, "manual"]);
    expect(last.body).toMatchObject({
      event: "test",
      alert: { id: made.text("id"), kind: "errors", threshold: 0.05 },
      deployment: { id: deployment.id, slug: deployment.slug, name: "Churn <b>" },
      value: null,
      threshold: 0.05,
      url: `${ORIGIN}/deployments/${deployment.slug}/alerts`,
    });
    const text = String(last.body["text"]);
    expect(text).toBe(
      `Test: Errors of Churn &lt;b&gt; (fires at 5% or more). This is a test message. ${ORIGIN}/deployments/${deployment.slug}/alerts`,
    );
    expect(isSignedBy(made.text("signing_secret"), last)).toBe(true);
    expect(isSignedBy(`${made.text("signing_secret")}x`, last)).toBe(false);
    expect(Number(last.headers.get("x-tiltyard-timestamp"))).toBeCloseTo(Date.now() / 1_000, -2);
    expect(last.headers.get("x-tiltyard-delivery")).toMatch(/^dlv_/);
    expect(last.headers.get("content-type")).toBe("application/json");
  });

  it.each([
    ["a refusal", () => new Response("inner secrets", { status: 500 }), "answered 500."],
    ["a redirect", () => new Response(null, { status: 302, headers: { location: "http://10.0.0.1/" } }), "redirect"],
    ["no connection", () => Promise.reject(new TypeError("connection to 10.1.2.3 refused")), "could not be reached"],
    ["silence", () => Promise.reject(new DOMException("timed out", "TimeoutError")), "within 10 s"],
  ])("says what became of it: %s", async (_, answer, words) => {
    receiver.answers = [answer];
    const id = expectStatus(await asOwner("POST", path, ERRORS), 201).text("id");
    const tested = await asOwner("POST", `${path}/${id}/test`);
    expect([tested.status, tested.at("ok")]).toEqual([200, false]);
    expect(tested.text("detail")).toContain(words);
    expect(tested.text("detail")).not.toMatch(/inner|10\.1\.2\.3/);
    expect(receiver.received).toHaveLength(1);
  });

  it("goes out as e-mail by the operator's provider", async () => {
    const email = {
      EMAIL_API_URL: "https://mail.example.org/emails",
      EMAIL_API_KEY: "key of the provider",
      EMAIL_FROM: "Tiltyard <alerts@example.org>",
    };
    const made = await callWith(email, { kind: "drift", notify: { email: "Ada@Example.org" } });
    expect(expectStatus(made, 201).body).toMatchObject({ notify: { email: "ada@example.org" }, signing_secret: null });
    const tested = await callWith(email, {}, `${path}/${made.text("id")}/test`);
    expect(tested.body).toMatchObject({ ok: true });
    const { last } = receiver;
    expect(last.url).toBe(email.EMAIL_API_URL);
    expect(last.headers.get("authorization")).toBe("Bearer key of the provider");
    expect(last.body).toMatchObject({
      from: email.EMAIL_FROM,
      to: "ada@example.org",
      subject: "Test: Drift of Churn <b>",
    });
    expect(String(last.body["text"])).toContain(`${ORIGIN}/deployments/${deployment.slug}/alerts`);
    // Without the settings it says so.
    expect((await asOwner("POST", `${path}/${made.text("id")}/test`)).text("detail")).toContain("EMAIL_API_KEY");
  });
});
