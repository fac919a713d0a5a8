import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { deployments } from "../../src/deployments/schema.ts";
import { Browser } from "../support/browser.ts";
import { callApi, createUser, fetchInstance, type Instance, startInstance } from "../support/instance.ts";
import { type PagePart, parsePage, readPage } from "../support/page-dom.ts";
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

/** The prediction, for machines and for people. */
function answerOf(page: PagePart): (string | null)[] {
  const answer = page.css("data");
  return [answer.attribute("value"), answer.text];
}

describe("the form page", () => {
  it("has one control for each feature, of the feature's kind, for anybody when the deployment is public", async () => {
    const page = await new Browser().page(`/f/${prices.slug}`);
    expect(page.has("heading", "Prices <b>")).toBe(true);
    expect(page.text).toContain("What a room costs");
    expect(page.byLabel("Amount").is('[type="number"][step="any"]:not([required])')).toBe(true);
    expect(page.byLabel("Rooms").is('[type="number"][step="1"][required]')).toBe(true);
    expect(page.has("checkbox", "Furnished")).toBe(true);
    expect(page.byRole("combobox", /^City/).byRole("option", "Bern").attribute("value")).toBe("Bern");
    expect(page.byLabel("Note").is("textarea")).toBe(true);
    // Amounts of the reference run from 1.5 to 40.5 in steps of one: the median is 21.
    expect(page.text).toContain("In the training data 1.5 to 40.5, median 21");
  });

  it("fills in an example without JavaScript", async () => {
    const page = await new Browser().page(`/f/${prices.slug}?example=1`);
    expect(Number(page.byLabel("Rooms").value)).toBe(3);
    expect(page.byLabel("City").value).toBe("Bern");
  });

  it("answers a sent form with the prediction and the values kept", async () => {
    const response = await new Browser().post(`/f/${prices.slug}`, ROOM);
    const page = await readPage(response);
    expect(response.status).toBe(200);
    // 2 * 1.5 + 10 * 3 + 100 + 2
    expect(answerOf(page)).toEqual(["135", "135"]);
    expect(page.text).toContain("Answered by version 1");
    expect(page.text).toMatch(/p[0-9a-z]{20}-1-[a-z0-9]+-[0-9a-z]+-0/);
    expect(page.byLabel("Amount").value).toBe("1.5");
    expect(page.byLabel("Furnished").isChecked).toBe(true);
    expect(page.byLabel("City").value).toBe("Oslo");
    expect(page.byLabel("Note").value).toBe("by the sea");
  });

  it("takes a box without a tick as no", async () => {
    const page = await readPage(await new Browser().post(`/f/${prices.slug}`, { ...ROOM, furnished: "false" }));
    expect(answerOf(page)).toEqual(["35", "35"]);
    expect(page.byLabel("Furnished").isChecked).toBe(false);
  });

  it("says in words what the model made of a missing value and of an unseen category", async () => {
    const page = await readPage(await new Browser().post(`/f/${prices.slug}`, { ...ROOM, amount: "", city: "Rome" }));
    expect(page.text).toContain("No answer");
    expect(page.text).toContain('City: "Rome" is not in the training data.');
    expect(page.text).toContain("The model's answer is not a finite number");
    expect(page.byLabel("City").value).toBe("Rome");
  });

  it("shows an error at the field that is wrong, with the rest kept", async () => {
    const response = await new Browser().post(`/f/${prices.slug}`, { ...ROOM, rooms: "2.5" });
    const page = await readPage(response);
    const [rooms, amount] = [page.byLabel("Rooms"), page.byLabel("Amount")];
    expect(response.status).toBe(422);
    expect([rooms.value, rooms.problem]).toEqual(["2.5", expect.any(String)]);
    expect([amount.value, amount.problem]).toEqual(["1.5", null]);
    expect(page.links).toContain(`#${rooms.attribute("id")}`);
    expect(page.text).toContain("Nothing was predicted");
    expect(page.all("data")).toEqual([]);
  });

  it("names what a strict deployment refuses, also where the form has no such field", async () => {
    const response = await new Browser().post(`/f/${strict.slug}`, { ...ROOM, city: "Rome", colour: "red" });
    const page = await readPage(response);
    expect(response.status).toBe(422);
    expect(page.byLabel("City").problem).not.toBeNull();
    expect(page.text).toContain("colour: Is not a feature of this deployment");
  });

  it("shows the label and a bar for each class, and nothing of a challenger", async () => {
    const response = await new Browser().post(`/f/${sizes.slug}`, { amount: "1.0986122886681098" });
    const markup = await response.text();
    const page = parsePage(markup);
    expect(response.status).toBe(200);
    // The odds are e^ln 3 = 3 to 1.
    expect(page.css(".result-value").text).toBe("small");
    const bars = page.byRole("list", "Probability of each class").allByRole("listitem");
    expect(bars.map(({ text }) => text)).toEqual(["small 75%", "large 25%"]);
    // The logo is drawn of two lances, one of which is called so.
    expect(markup.replaceAll(/<svg class="mark".*?<\/svg>/g, "")).not.toMatch(/challenger|rival|size-one/i);
  });

  it("runs no inline code", async () => {
    const page = await (await new Browser().post(`/f/${sizes.slug}`, { amount: "1" })).text();
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
    const part = await readPage(response);
    expect(response.status).toBe(200);
    expect(response.headers.get("hx-retarget")).toBeNull();
    expect(answerOf(part)).toEqual(["135", "135"]);
    expect([part.isWhole, part.actions]).toEqual([false, []]);
  });

  it("gets the form anew with its errors, and once more when they are to vanish", async () => {
    const refused = await new Browser().post(`/f/${prices.slug}`, { ...ROOM, rooms: "" }, fromPage);
    const errors = await readPage(refused);
    expect([refused.status, refused.headers.get("hx-retarget")]).toEqual([422, "#predict"]);
    expect(errors.byLabel("Rooms").problem).not.toBeNull();
    expect([errors.isWhole, errors.css("form").attribute("hx-target")]).toEqual([false, "#predict"]);
    const mended = await new Browser().post(`/f/${prices.slug}`, ROOM, { ...fromPage, "hx-target": "div#predict" });
    const page = await readPage(mended);
    expect([mended.status, mended.headers.get("hx-retarget")]).toEqual([200, "#predict"]);
    expect(answerOf(page)).toEqual(["135", "135"]);
    expect(page.css("form").attribute("hx-target")).toBe("#result");
    expect(page.all("[aria-invalid]")).toEqual([]);
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
    const page = await readPage(last);
    expect(page.text).toContain("Wait a minute");
    expect(page.byLabel("Amount").value).toBe("0.125");
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
    const page = await readPage(response);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(page.text).toContain("Temporarily not answering");
    expect(page.byLabel("Amount").value).toBe("1.5");
    await instance.db.update(deployments).set({ deployed: "deployed" }).where(where);
  });
});
