import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Clock } from "../alerts/clock.ts";
import { Receiver } from "../alerts/receiver.ts";
import type { Answer } from "../support/answer.ts";
import { Browser } from "../support/browser.ts";
import { deployModel, expectStatus, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, startInstance } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { readPage } from "../support/page-dom.ts";

/** 400 rows, amount 0 to 39 alike. */
const CSV = ["amount,price", ...Array.from({ length: 400 }, (_, row) => `${row % 40},${row % 40}`)].join("\n");
const DAY = new Date().toISOString().slice(0, 10);
const TODAY = { kind: "span", from: `${DAY}T00:00:00Z`, to: `${DAY}T23:59:59Z` };

let deployment: TestDeployment;
let path: string;

beforeAll(async () => {
  await startInstance();
});

beforeEach(async () => {
  deployment = await deployModel({ csv: CSV, target: "price", model: timesModel(2) });
  path = `${deployment.path}/monitoring/settings`;
});

function put(body: unknown, token = deployment.owner.token): Promise<Answer> {
  return callApi("PUT", path, body, token);
}

function drift(query = ""): Promise<Answer> {
  return readAs(deployment.owner, `${deployment.path}/monitoring/drift${query}`);
}

/** Rows that are not like the training data: the upper half of its values only. */
function sendOthers(): Promise<Answer> {
  const rows = Array.from({ length: 200 }, (_, row) => ({ amount: 20 + (row % 20) }));
  return predictRows(deployment, rows);
}

describe("the monitoring settings of a deployment", () => {
  it("are the defaults until somebody changes them, and are kept as a whole", async () => {
    const before = await readAs(deployment.owner, path);
    const defaults = { features: {}, reference: { kind: "training" } };
    expect(before.body).toEqual({ ...defaults, updated_at: null, updated_by: null });
    const wanted = { features: { amount: { method: "psi", threshold: 0.3, muted: true } }, reference: TODAY };
    expect(expectStatus(await put(wanted), 200).body).toMatchObject({ ...wanted, updated_by: deployment.owner.id });
    expect((await readAs(deployment.owner, path)).body).toMatchObject(wanted);
    expect(expectStatus(await put({}), 200).body).toMatchObject(defaults);
  });

  it("refuse what cannot be judged, naming it, and keep what they were", async () => {
    const refusals: [unknown, string][] = [
      [{ features: { size: { muted: true } } }, "features.size"],
      [{ features: { amount: { method: "guess" } } }, "features.amount.method"],
      [{ features: { amount: { method: "z_test" } } }, "features.amount.method"],
      [{ features: { amount: { threshold: 0 } } }, "features.amount.threshold"],
      [{ features: { amount: { colour: "red" } } }, "features.amount"],
      [{ reference: { kind: "span", from: "2026-02-01", to: "2026-01-01" } }, "reference.from"],
      [{ reference: { kind: "previous", offset_days: 0 } }, "reference.offset_days"],
      [{ refrence: { kind: "training" } }, "refrence"],
    ];
    for (const [body, named] of refusals) {
      const refused = await put(body);
      expect([refused.status, JSON.stringify(refused.body)]).toEqual([422, expect.stringContaining(named)]);
    }
    expect((await readAs(deployment.owner, path)).at("updated_at")).toBeNull();
  });

  it("are in the audit log with what they were and became, and not where nothing changes", async () => {
    await put({ features: { amount: { muted: true } } });
    await put({ features: { amount: { muted: true } } });
    const audit = await readAs(
      deployment.owner,
      `/api/v1/projects/${deployment.project}/audit?action=monitoring.update`,
    );
    expect(audit.body).toMatchObject({
      items: [
        {
          before: { features: {}, reference: { kind: "training" } },
          after: { features: { amount: { muted: true } } },
        },
      ],
    });
    expect(audit.each("action")).toHaveLength(1);
  });

  it("are read by viewers, and changed by contributors", async () => {
    const viewer = await createUser();
    const member = `/api/v1/projects/${deployment.project}/members/${viewer.id}`;
    expectStatus(await callApi("PUT", member, { role: "viewer" }, deployment.owner.token), 200);
    expectStatus(await readAs(viewer, path), 200);
    expectStatus(await put({}, viewer.token), 403);
  });
});

describe("a muted feature", () => {
  it("is shown with its drift, and counts neither for the state nor for an alert", async () => {
    await sendOthers();
    expect((await drift()).at("features.0.state")).toBe("drift");
    await put({ features: { amount: { muted: true } } });
    const muted = await drift();
    expect([muted.at("features.0.state"), muted.at("features.0.muted")]).toEqual(["drift", true]);
    expect(muted.at("state")).not.toBe("not_enough_data");
    const detail = await alertDetail();
    expect(detail).toContain("200 rows");
    expect(detail).not.toContain("amount");
  });
});

/** What an alert for drift finds. */
async function alertDetail(): Promise<string> {
  const alert = { kind: "drift", notify: { webhook_url: "https://hooks.example.org/x" } };
  expectStatus(await callApi("POST", `${deployment.path}/alerts`, alert, deployment.owner.token), 201);
  // The answers of the model drift too, so that a message is sent.
  expect(new Receiver().events).toEqual([]);
  await new Clock().tick();
  vi.restoreAllMocks();
  return (await readAs(deployment.owner, `${deployment.path}/alerts`)).text("items.0.last_detail");
}

describe("method and threshold of a feature", () => {
  it("decide how it is judged, and a query goes before them", async () => {
    await sendOthers();
    await put({ features: { amount: { method: "psi", threshold: 1_000 } } });
    const judged = await drift();
    expect([judged.at("features.0.method"), judged.at("features.0.state")]).toEqual(["psi", "ok"]);
    const asked = await drift(`?methods=${encodeURIComponent(JSON.stringify({ amount: "wasserstein" }))}`);
    expect(asked.at("features.0.method")).toBe("wasserstein");
  });
});

describe("another reference", () => {
  it("of a time of the deployment is what windows are compared with: the same rows do not drift", async () => {
    await sendOthers();
    expect((await drift()).at("features.0.state")).toBe("drift");
    await put({ reference: TODAY });
    const compared = await drift();
    expect(compared.at("reference")).toMatchObject({ kind: "span", rows: 200 });
    expect(compared.at("features.0.state")).toBe("ok");
  });

  it("without rows is no reference: nothing is judged, and the page says why", async () => {
    await sendOthers();
    await put({ reference: { kind: "previous", offset_days: 7 } });
    const compared = await drift();
    expect([compared.at("state"), compared.at("features.0.state")]).toEqual(["not_enough_data", "not_enough_data"]);
    const browser = new Browser();
    await browser.signIn(deployment.owner);
    const page = await browser.page(`/deployments/${deployment.slug}/monitoring`);
    expect(page.text).toContain("Nothing to compare with: what was recorded from");
  });
});

describe("the page of the settings", () => {
  it("shows them, changes them without JavaScript, and says what is wrong beside the field", async () => {
    const browser = new Browser();
    await browser.signIn(deployment.owner);
    const address = `/deployments/${deployment.slug}/monitoring/settings`;
    const form = (await browser.page(address)).form(address);
    expect(form.byLabel("Method of amount").is("select")).toBe(true);
    const saved = await browser.post(address, {
      reference: "previous",
      offset_days: "7",
      "method:amount": "wasserstein",
      "threshold:amount": "0.2",
      "muted:amount": "true",
    });
    expect([saved.status, saved.headers.get("location")]).toEqual([303, `${address}?saved=true`]);
    expect((await readAs(deployment.owner, path)).body).toMatchObject({
      features: { amount: { method: "wasserstein", threshold: 0.2, muted: true } },
      reference: { kind: "previous", offset_days: 7 },
    });
    const refused = await browser.post(address, { reference: "span", from: "", to: "" });
    const shown = await readPage(refused);
    expect(refused.status).toBe(422);
    expect(shown.byLabel("First day (UTC)").is("[aria-invalid=true]")).toBe(true);
  });
});
