import { beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../support/browser.ts";
import { addModel, deployModel, predictOne, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";
import { tableModel, timesModel } from "../support/models.ts";

const CSV = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${row},${row}`)].join("\n");

let owner: TestUser;
let browser: Browser;
let deployed: TestDeployment;
let tripled: string;
let versions: string;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  browser = new Browser();
  await browser.signIn(owner);
  deployed = await deployModel({
    csv: CSV,
    target: "price",
    model: timesModel(2),
    challenger: { model: tableModel(Array.from({ length: 40 }, (_, amount) => amount * 5)) },
    owner,
  });
  tripled = await addModel(owner, deployed.experiment, 1, { file: timesModel(3), name: "tripled" });
  versions = `/deployments/${deployed.slug}/versions`;
  await predictOne(deployed, { amount: 10 });
});

async function open(path: string, by = browser): Promise<{ status: number; text: string }> {
  const response = await by.get(path);
  return { status: response.status, text: await response.text() };
}

async function post(path: string, fields: Record<string, string>, by = browser) {
  const response = await by.post(path, fields);
  return { status: response.status, location: response.headers.get("location"), text: await response.text() };
}

describe("the Versions section", () => {
  it("previews other models, switches to them, and rolls back, each after a look", async () => {
    const form = await open(`${versions}/new`);
    expect(form.text).toContain("tripled");
    const fields = { "main.model_id": tripled, "challenger.model_id": "", note: "Better in November" };
    const seen = await post(`${versions}/new`, { ...fields, intent: "preview" });
    expect([seen.status, seen.text]).toEqual([200, expect.stringContaining("What would change")]);
    expect(seen.text).toContain("1 of 1");
    expect(seen.text).toContain("Better in November");
    const switched = await post(`${versions}/new`, { ...fields, intent: "switch" });
    expect([switched.status, switched.location]).toEqual([303, versions]);
    const list = await open(versions);
    expect(list.text).toContain("Better in November");
    expect(list.text).toContain(`${versions}/1/rollback`);
    expect(list.text).not.toContain(`${versions}/2/rollback`);
    const before = await open(`${versions}/1/rollback`);
    expect(before.text).toContain("Roll back to version 1");
    expect(before.text).toContain("What would change");
    const back = await post(`${versions}/1/rollback`, {});
    expect(back.status).toBe(303);
    expect((await readAs(owner, deployed.path)).at("current_version")).toBe(1);
  });

  it("promotes the challenger after a look", async () => {
    expect((await open(`${versions}/promote`)).text).toContain("becomes the main model");
    expect((await post(`${versions}/promote`, { note: "" })).status).toBe(303);
    expect((await readAs(owner, deployed.path)).at("main.model_id")).toBe(deployed.challengerId);
  });

  it("shows an error at its field, and nothing to change to who may only read", async () => {
    const refused = await post(`${versions}/new`, { "main.model_id": "", intent: "switch" });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining("Model not found")]);
    const viewer = await createUser();
    const project = `/api/v1/projects/${deployed.project}`;
    await callApi("PUT", `${project}/members/${viewer.id}`, { role: "viewer" }, owner.token);
    const reading = new Browser();
    await reading.signIn(viewer);
    expect((await open(versions, reading)).text).not.toContain("rollback");
    expect((await open(`${versions}/new`, reading)).status).toBe(403);
    expect((await post(`${versions}/1/rollback`, {}, reading)).status).toBe(403);
  });
});
