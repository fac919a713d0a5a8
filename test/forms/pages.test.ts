import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { deployments } from "../../src/deployments/schema.ts";
import { Browser } from "../support/browser.ts";
import { callApi, createUser, fetchInstance, type Instance, startInstance } from "../support/instance.ts";
import { attribute, tags } from "../ui/html.ts";
import { type Deployed, startDeploying } from "./deployed.ts";

let instance: Instance;
let project: string;
let prices: Deployed;
let members: Deployed;
let users: Deployed;
let sizes: Deployed;
let strict: Deployed;

beforeAll(async () => {
  instance = await startInstance();
  const deploying = await startDeploying(instance.adminToken);
  ({ project } = deploying);
  prices = await deploying.deployPrices({ name: "Prices <b>", description: "What a room costs", access: "public" });
  members = await deploying.deployPrices({ name: "Prices of members", access: "project" });
  users = await deploying.deployPrices({ name: "Prices of users", access: "instance" });
  sizes = await deploying.deploySizes({ name: "Sizes", access: "public" });
  strict = await deploying.deployPrices({ name: "Strict prices", access: "public", type_policy: "strict" });
}, 60_000);

const ROOM = { amount: "1.5", rooms: "3", furnished: "true", city: "Oslo", note: "by the sea" };

async function pageOf(response: Response): Promise<string> {
  return response.text();
}

/** The control with this name, as its opening tag. */
function control(page: string, name: string): string {
  const found = [...tags(page, "input"), ...tags(page, "select"), ...tags(page, "textarea")].filter(
    (tag) => attribute(tag, "name") === name && attribute(tag, "type") !== "hidden",
  );
  expect(found).toHaveLength(1);
  return found[0] ?? "";
}

describe("the form page", () => {
  it("has one control for each feature, of the feature's kind, for anybody when the deployment is public", async () => {
    const response = await new Browser().get(`/f/${prices.slug}`);
    const page = await pageOf(response);
    expect(response.status).toBe(200);
    expect(page).toContain("Prices &lt;b&gt;");
    expect(page).toContain("What a room costs");
    expect(attribute(control(page, "amount"), "type")).toBe("number");
    expect(attribute(control(page, "amount"), "step")).toBe("any");
    expect(attribute(control(page, "rooms"), "step")).toBe("1");
    expect(control(page, "rooms")).toContain("required");
    expect(control(page, "amount")).not.toContain("required");
    expect(attribute(control(page, "furnished"), "type")).toBe("checkbox");
    expect(control(page, "city")).toMatch(/^<select/);
    expect(control(page, "note")).toMatch(/^<textarea/);
    expect(page).toContain('<option value="Bern">Bern</option>');
    // Amounts of the reference run from 1.5 to 40.5 in steps of one: the median is 21.
    expect(page).toContain("In the training data 1.5 to 40.5, median 21");
  });

  it("fills in an example without JavaScript", async () => {
    const page = await pageOf(await new Browser().get(`/f/${prices.slug}?example=1`));
    expect(Number(attribute(control(page, "rooms"), "value"))).toBe(3);
    expect(page).toMatch(/<option value="Bern" selected/);
  });

  it("answers a sent form with the prediction and the values kept", async () => {
    const response = await new Browser().post(`/f/${prices.slug}`, ROOM);
    const page = await pageOf(response);
    expect(response.status).toBe(200);
    // 2 * 1.5 + 10 * 3 + 100 + 2
    expect(page).toContain('<data value="135">135</data>');
    expect(page).toContain("Answered by version 1");
    expect(page).toMatch(/p[0-9a-z]{20}-1-[a-z0-9]+-[0-9a-z]+-0/);
    expect(attribute(control(page, "amount"), "value")).toBe("1.5");
    expect(control(page, "furnished")).toContain("checked");
    expect(page).toMatch(/<option value="Oslo" selected/);
    expect(page).toContain("by the sea");
  });

  it("takes a box without a tick as no", async () => {
    const page = await pageOf(await new Browser().post(`/f/${prices.slug}`, { ...ROOM, furnished: "false" }));
    expect(page).toContain('<data value="35">35</data>');
    expect(control(page, "furnished")).not.toContain("checked");
  });

  it("says in words what the model made of a missing value and of an unseen category", async () => {
    const page = await pageOf(await new Browser().post(`/f/${prices.slug}`, { ...ROOM, amount: "", city: "Rome" }));
    expect(page).toContain("No answer");
    expect(page).toContain("City: &quot;Rome&quot; is not in the training data.");
    expect(page).toContain("The model&#39;s answer is not a finite number");
    expect(page).toMatch(/<option value="Rome" selected/);
  });

  it("shows an error at the field that is wrong, with the rest kept", async () => {
    const response = await new Browser().post(`/f/${prices.slug}`, { ...ROOM, rooms: "2.5" });
    const page = await pageOf(response);
    expect(response.status).toBe(422);
    expect(attribute(control(page, "rooms"), "aria-invalid")).toBe("true");
    expect(attribute(control(page, "rooms"), "value")).toBe("2.5");
    expect(attribute(control(page, "amount"), "aria-invalid")).toBeUndefined();
    expect(attribute(control(page, "amount"), "value")).toBe("1.5");
    expect(page).toContain('href="#field-rooms"');
    expect(page).toContain("Nothing was predicted");
    expect(page).not.toContain("<data");
  });

  it("names what a strict deployment refuses, also where the form has no such field", async () => {
    const response = await new Browser().post(`/f/${strict.slug}`, { ...ROOM, city: "Rome", colour: "red" });
    const page = await pageOf(response);
    expect(response.status).toBe(422);
    expect(attribute(control(page, "city"), "aria-invalid")).toBe("true");
    expect(page).toContain("colour: Is not a feature of this deployment");
  });

  it("shows the label and a bar for each class, and nothing of a challenger", async () => {
    const response = await new Browser().post(`/f/${sizes.slug}`, { amount: "1.0986122886681098" });
    const page = await pageOf(response);
    expect(response.status).toBe(200);
    // The odds are e^ln 3 = 3 to 1.
    expect(page).toMatch(/result-value">small/);
    expect(page).toMatch(/bar-label">small<\/span><span class="bar-text">75%/);
    expect(page).toMatch(/bar-label">large<\/span><span class="bar-text">25%/);
    // The logo is drawn of two lances, one of which is called so.
    expect(page.replaceAll(/<svg class="mark".*?<\/svg>/g, "")).not.toMatch(/challenger|rival|size-one/i);
  });

  it("runs no inline code", async () => {
    const page = await pageOf(await new Browser().post(`/f/${sizes.slug}`, { amount: "1" }));
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=/);
  });

  it("refuses a body that is no form", async () => {
    const response = await fetchInstance(`/f/${prices.slug}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(response.status).toBe(415);
  });
});

describe("the form page with htmx", () => {
  const fromPage = { "hx-request": "true", "hx-target": "div#result" };

  it("gets only the answer", async () => {
    const response = await new Browser().post(`/f/${prices.slug}`, ROOM, fromPage);
    const page = await pageOf(response);
    expect(response.status).toBe(200);
    expect(response.headers.get("hx-retarget")).toBeNull();
    expect(page).toContain('<data value="135">');
    expect(page).not.toMatch(/<form|<html/);
  });

  it("gets the form anew with its errors, and once more when they are to vanish", async () => {
    const refused = await new Browser().post(`/f/${prices.slug}`, { ...ROOM, rooms: "" }, fromPage);
    const errors = await pageOf(refused);
    expect([refused.status, refused.headers.get("hx-retarget")]).toEqual([422, "#predict"]);
    expect(attribute(control(errors, "rooms"), "aria-invalid")).toBe("true");
    expect(errors).toContain('hx-target="#predict"');
    expect(errors).not.toContain("<html");
    const mended = await new Browser().post(`/f/${prices.slug}`, ROOM, { ...fromPage, "hx-target": "div#predict" });
    const page = await pageOf(mended);
    expect([mended.status, mended.headers.get("hx-retarget")]).toEqual([200, "#predict"]);
    expect(page).toContain('<data value="135">');
    expect(page).toContain('hx-target="#result"');
    expect(page).not.toContain("aria-invalid");
  });
});

describe("who may use the form", () => {
  it("is everybody who may predict: members, users of the instance, anybody", async () => {
    const stranger = new Browser();
    await stranger.signIn(await createUser());
    expect((await stranger.get(`/f/${members.slug}`)).status).toBe(404);
    expect((await stranger.post(`/f/${members.slug}`, ROOM)).status).toBe(404);
    expect((await stranger.get(`/f/${users.slug}`)).status).toBe(200);
    expect((await stranger.post(`/f/${users.slug}`, ROOM)).status).toBe(200);
    const user = await createUser();
    await callApi("PUT", `/api/v1/projects/${project}/members/${user.id}`, { role: "end_user" }, instance.adminToken);
    const member = new Browser();
    await member.signIn(user);
    expect((await member.get(`/f/${members.slug}`)).status).toBe(200);
    expect((await member.post(`/f/${members.slug}`, ROOM)).status).toBe(200);
  });

  it("sends who is not signed in to the sign-in and back", async () => {
    const response = await new Browser().get(`/f/${members.slug}?example=1`);
    expect([response.status, response.headers.get("location")]).toEqual([
      303,
      `/sign-in?next=${encodeURIComponent(`/f/${members.slug}?example=1`)}`,
    ]);
    expect((await new Browser().post(`/f/${users.slug}`, ROOM)).status).toBe(303);
    expect((await new Browser().get("/f/there-is-none")).status).toBe(404);
  });

  it("lets one address without a sign-in predict thirty times a minute, and keeps what it entered", async () => {
    // The limit is counted by the minute of the clock: calls that would lie on both sides of its end wait for it.
    const leftMs = 60_000 - (Date.now() % 60_000);
    if (leftMs < 5_000) await scheduler.wait(leftMs);
    const fromOne = { "cf-connecting-ip": "203.0.113.9" };
    const statuses: number[] = [];
    let last = await new Browser().post(`/f/${sizes.slug}`, { amount: "1" }, fromOne);
    for (let sent = 1; sent < 40 && last.status === 200; sent += 1) {
      statuses.push(last.status);
      last = await new Browser().post(`/f/${sizes.slug}`, { amount: "0.125" }, fromOne);
    }
    expect(statuses).toHaveLength(30);
    expect([last.status, last.headers.get("retry-after")]).toEqual([429, "60"]);
    const page = await pageOf(last);
    expect(page).toContain("Wait a minute");
    expect(attribute(control(page, "amount"), "value")).toBe("0.125");
    expect((await new Browser().post(`/f/${sizes.slug}`, { amount: "1" })).status).toBe(200);
    const user = new Browser();
    await user.signIn(await createUser());
    expect((await user.post(`/f/${sizes.slug}`, { amount: "1" }, fromOne)).status).toBe(200);
  });

  it("says so in the place of the answer while the deployment does not run, with the values kept", async () => {
    const where = eq(deployments.slug, users.slug);
    await instance.db.update(deployments).set({ deployed: "failed" }).where(where);
    // Longer than an isolate remembers a deployment.
    await scheduler.wait(2_100);
    const browser = new Browser();
    await browser.signIn(await createUser());
    const response = await browser.post(`/f/${users.slug}`, ROOM);
    const page = await pageOf(response);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(page).toContain("Temporarily not answering");
    expect(attribute(control(page, "amount"), "value")).toBe("1.5");
    await instance.db.update(deployments).set({ deployed: "deployed" }).where(where);
  });
});
