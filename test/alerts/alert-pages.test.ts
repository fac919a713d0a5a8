import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Browser } from "../support/browser.ts";
import { deployModel, expectStatus, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, startInstance } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { readPage } from "../support/page-dom.ts";
import { Clock } from "./clock.ts";
import { isSignedBy, Receiver } from "./receiver.ts";

const FIELDS = {
  kind: "not_running",
  threshold: "",
  metric: "",
  "notify.webhook_url": "https://hooks.example.org/s/x",
};

let deployment: TestDeployment;
let browser: Browser;
let path: string;
let receiver: Receiver;

beforeAll(async () => {
  await startInstance();
});

beforeEach(async () => {
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), name: "Churn" });
  browser = new Browser();
  await browser.signIn(deployment.owner);
  path = `/deployments/${deployment.slug}/alerts`;
  receiver = new Receiver();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const page = (address = path) => browser.page(address);

async function memberBrowser(role: string): Promise<Browser> {
  const user = await createUser();
  const members = `/api/v1/projects/${deployment.project}/members/${user.id}`;
  expectStatus(await callApi("PUT", members, { role }, deployment.owner.token), 200);
  const own = new Browser();
  await own.signIn(user);
  return own;
}

/** The id of the only alert. */
async function alertId(): Promise<string> {
  const listed = await callApi("GET", `${deployment.path}/alerts`, undefined, deployment.owner.token);
  return String(listed.each("id")[0]);
}

describe("the page of alerts", () => {
  it("says what would be there and has a form, in the Monitoring section", async () => {
    const empty = await page();
    expect(empty.text).toContain("No alerts yet");
    expect(empty.links).toContain(`/deployments/${deployment.slug}/monitoring`);
    expect(empty.form(path).byLabel("Or e-mail").is("[disabled]")).toBe(true);
  });

  it("makes an alert without JavaScript, and shows its secret this once", async () => {
    const made = await browser.post(path, FIELDS);
    expect(made.status).toBe(201);
    const text = await made.text();
    const secret = /tys_[0-9A-Za-z]{43}/.exec(text)?.[0] ?? "";
    expect(text).toContain("Not running, 2 min or more");
    const later = await (await browser.get(path)).text();
    expect(later).not.toContain("tys_");
    expect(later).toContain("Webhook at hooks.example.org");
    // The rest of such a URL often is a secret.
    expect(later).not.toContain("/s/x");
    await browser.post(`${path}/${await alertId()}/test`, {});
    expect(isSignedBy(secret, receiver.last)).toBe(true);
  });

  it("says what is wrong beside the field, and keeps what was typed", async () => {
    const refused = await browser.post(path, {
      ...FIELDS,
      kind: "errors",
      threshold: "lots",
      "notify.webhook_url": "x",
    });
    expect(refused.status).toBe(422);
    const threshold = (await readPage(refused)).byLabel("Threshold");
    expect([threshold.value, threshold.problem]).toEqual(["lots", "threshold must be a number."]);
    const address = await browser.post(path, { ...FIELDS, "notify.webhook_url": "http://127.0.0.1/" });
    expect([address.status, await address.text()]).toEqual([
      422,
      expect.stringContaining("127.0.0.1 is a private address"),
    ]);
    const nobody = await browser.post(path, { ...FIELDS, "notify.webhook_url": "" });
    expect(await nobody.text()).toContain("notify must be");
  });

  it("says how each stands, with its value and when it was looked at", async () => {
    await browser.post(path, FIELDS);
    expect((await page()).text).toContain("Not checked yet");
    const clock = new Clock();
    await clock.tick();
    const [row] = (await page()).byRole("table", "Alerts").all("tbody tr");
    expect(row?.cell("State").text).toContain("OK");
    expect(row?.text).toContain("0 min");
    expect(row?.text).toContain("It is running.");
  });

  it("says whether a test arrived", async () => {
    await browser.post(path, FIELDS);
    const arrived = await browser.post(`${path}/${await alertId()}/test`, {});
    expect([arrived.status, await arrived.text()]).toEqual([200, expect.stringContaining("Test message sent")]);
    receiver.answers = [() => new Response(null, { status: 404 })];
    const lost = await (await browser.post(`${path}/${await alertId()}/test`, {})).text();
    expect(lost).toContain("Test message not delivered");
    expect(lost).toContain("The receiver answered 404.");
  });

  it("deletes an alert after asking", async () => {
    await browser.post(path, FIELDS);
    const id = await alertId();
    expect((await page()).links).toContain(`${path}/${id}/delete`);
    expect((await page(`${path}/${id}/delete`)).text).toContain("It sends no further messages");
    const deleted = await browser.post(`${path}/${id}/delete`, {});
    expect([deleted.status, deleted.headers.get("location")]).toEqual([303, path]);
    expect((await page()).text).toContain("No alerts yet");
  });

  it("shows viewers how alerts stand and nothing to change them by, contributors no way to delete others'", async () => {
    await browser.post(path, FIELDS);
    const id = await alertId();
    const viewed = await (await (await memberBrowser("viewer")).get(path)).text();
    expect(viewed).toContain("hooks.example.org");
    expect(viewed).not.toContain(`${path}/${id}`);
    expect(viewed).not.toContain("Create alert");
    const contributor = await memberBrowser("contributor");
    const seen = await (await contributor.get(path)).text();
    expect(seen).toContain(`${path}/${id}/test`);
    expect(seen).not.toContain(`${path}/${id}/delete`);
    expect((await contributor.get(`${path}/${id}/delete`)).status).toBe(403);
    expect((await contributor.post(`${path}/${id}/delete`, {})).status).toBe(403);
  });
});
