import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { deployments, deploymentVersions } from "../../src/deployments/schema.ts";
import { memberBrowser, startSite } from "../experiments/pages-fixtures.ts";
import { fetchInstance, type Instance, ORIGIN, startInstance } from "../support/instance.ts";
import { type PagePart, readPage } from "../support/page-dom.ts";
import { challengerDone, deployed, fragment, type ModelledSite, predict, startModelledSite } from "./pages-fixtures.ts";

let instance: Instance;
let site: ModelledSite;

beforeAll(async () => {
  instance = await startInstance();
  site = await startModelledSite();
});

/** Runs the curl command of the page, as far as it is an HTTP call. */
async function runCurl(page: PagePart): Promise<Response> {
  const command = page.css("#curl").source;
  const url = command.match(/POST '([^']*)'/)?.[1] ?? "";
  const headers = new Headers({ "content-type": command.match(/-H 'Content-Type: ([^']*)'/)?.[1] ?? "" });
  const bearer = command.match(/-H "Authorization: ([^"]*)"/)?.[1];
  if (bearer !== undefined) headers.set("authorization", bearer);
  return fetchInstance(url, { method: "POST", headers, body: command.match(/-d '([^]*)'$/)?.[1] ?? "" });
}

describe("the General section", () => {
  it("says what the deployment is, how it is and what it is made of", async () => {
    const slug = await deployed(site, "General facts");
    const page = await site.browser.page(`/deployments/${slug}`);
    expect(page.fact("Creator")).toBe("A user");
    expect(page.fact("Created")).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
    expect(page.fact("Current version")).toBe("1");
    expect(page.fact("Form")).toBe(`${ORIGIN}/f/${slug}`);
    expect(page.fact("API documentation")).toBe(`${ORIGIN}/docs/${slug}`);
    expect(page.fact("Experiment")).toContain("Binary classification of sold");
    expect(page.fact("Deployment")).toBe("Deployed");
    expect(page.fact("Running")).toBe("Running");
    expect(page.fact("Main")).toBe("Sharp Ready Version 1 of the experiment.");
    expect(page.fact("Challenger")).toBe("Early Ready Version 1 of the experiment.");
    expect(page.text).toContain("Metrics on 40 training rows. Metrics on training rows are too good");
    // 30 of 40 rows are right where the threshold is 10 instead of 20.
    const compared = page.byRole("table", "Main and challenger compared");
    expect(Number(compared.row("Accuracy").cell("Main: Sharp").text)).toBe(1);
    expect(Number(compared.row("Accuracy").cell("Challenger: Early").text)).toBe(0.75);
    expect(compared.row("Memory").cell("Main: Sharp").text).toMatch(/^[\d.]+ MB$/);
  });

  it("answers to id and slug, and only who may read the project", async () => {
    const slug = await deployed(site, "Who reads", { access: "public" });
    const { id } = (await instance.db.select().from(deployments).where(eq(deployments.slug, slug)).get()) ?? { id: "" };
    expect((await site.browser.get(`/deployments/${id}`)).status).toBe(200);
    expect((await (await memberBrowser(site, "viewer")).get(`/deployments/${slug}`)).status).toBe(200);
    expect((await (await memberBrowser(site, "end_user")).get(`/deployments/${slug}`)).status).toBe(403);
    expect((await (await startSite()).browser.get(`/deployments/${slug}`)).status).toBe(403);
    const hidden = await deployed(site, "Hidden");
    expect((await (await startSite()).browser.get(`/deployments/${hidden}`)).status).toBe(404);
    const anonymous = await fetchInstance(`/deployments/${slug}`, { headers: { accept: "text/html" } });
    expect([anonymous.status, anonymous.headers.get("location")]).toEqual([
      303,
      `/sign-in?next=${encodeURIComponent(`/deployments/${slug}`)}`,
    ]);
  });

  it("counts the recorded predictions and draws no drift from too few", async () => {
    const slug = await deployed(site, "Few predictions");
    const path = `/deployments/${slug}`;
    expect((await site.browser.page(path)).text).toContain("No predictions have been recorded yet.");
    await predict(site, slug, [1, 30]);
    const few = (await site.browser.page(path)).text;
    expect(few).toContain("Not enough data (2/100)");
    expect(few).toContain("2 predictions are recorded.");
    await predict(
      site,
      slug,
      Array.from({ length: 99 }, (_, index) => index),
    );
    const many = (await site.browser.page(path)).text;
    expect(many).not.toContain("Not enough data");
    expect(many).toMatch(/101 rows against the 40 rows/);
  });

  it("says why it failed, and since when and why the challenger is suspended", async () => {
    const slug = await deployed(site, "In trouble");
    const since = Date.UTC(2026, 4, 6, 7, 8);
    const row = await instance.db.select().from(deployments).where(eq(deployments.slug, slug)).get();
    await instance.db
      .update(deploymentVersions)
      .set({ challengerSuspendedAt: since, challengerSuspendedReason: "It failed ten times in a row." })
      .where(eq(deploymentVersions.deploymentId, row?.id ?? ""));
    const suspended = await site.browser.page(`/deployments/${slug}`);
    expect(suspended.fact("Challenger")).toContain(
      "Suspended since 2026-05-06 07:08 UTC: It failed ten times in a row.",
    );
    await instance.db
      .update(deployments)
      .set({ deployed: "failed", errorCode: "model_load", errorMessage: "No kernel for <Foo>." })
      .where(eq(deployments.slug, slug));
    const failed = await site.browser.page(`/deployments/${slug}`);
    expect(failed.fact("Deployment")).toBe("Failed No kernel for <Foo>.");
    expect(failed.fact("Running")).toBe("Not running");
  });

  it("asks for its status while it is being built, and is answered when that has changed", async () => {
    const slug = await deployed(site, "Being built");
    await instance.db.update(deployments).set({ deployed: "building" }).where(eq(deployments.slug, slug));
    const page = await site.browser.page(`/deployments/${slug}`);
    expect(page.fact("Running")).toBe("Not yet");
    const poll = page.css("#deployment-status").attribute("hx-get") ?? "";
    expect((await fragment(site, poll)).status).toBe(204);
    await instance.db.update(deployments).set({ deployed: "deployed" }).where(eq(deployments.slug, slug));
    const swapped = await readPage(await fragment(site, poll));
    expect(swapped.ids).toEqual(["deployment-status", "deployment-badges"]);
    expect(swapped.css("#deployment-status").is("[hx-get]")).toBe(false);
    expect(swapped.css("#deployment-badges").attribute("hx-swap-oob")).toBe("true");
    expect(swapped.fact("Deployment")).toBe("Deployed");
  });
});

describe("calling it", () => {
  it("shows a curl command that works without a key where the deployment is public", async () => {
    const slug = await deployed(site, "It's public", { access: "public" });
    const answer = await runCurl(await site.browser.page(`/deployments/${slug}`));
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ version: 1 })]);
  });

  it("makes a key that is shown once, works in the command, and ends when it is revoked", async () => {
    const slug = await deployed(site, "With keys");
    const path = `/deployments/${slug}`;
    expect((await runCurl(await site.browser.page(path))).status).toBe(401);
    const made = await site.browser.post(`${path}/keys`, { name: "Shop", expires_in_days: "30" });
    const page = await readPage(made);
    const secret = page.byLabel("API key").value;
    expect([made.status, made.headers.get("cache-control"), secret.slice(0, 4)]).toEqual([201, "no-store", "tyk_"]);
    expect((await runCurl(page)).status).toBe(200);
    expect(await (await site.browser.get(path)).text()).not.toContain(secret);
    const row = (await site.browser.page(path)).byRole("table", "API keys").row("Shop");
    expect(row.cell("Begins with").text).toBe(`${secret.slice(0, 12)}…`);
    const revoked = await site.browser.post(row.actions[0] ?? "", {});
    expect([revoked.status, revoked.headers.get("location")]).toEqual([303, `${path}#keys`]);
    expect((await runCurl(page)).status).toBe(401);
    expect((await site.browser.page(path)).text).toContain("No keys yet");
  });

  it("refuses a key without a name or with a time that makes no sense, at the fields", async () => {
    const slug = await deployed(site, "Wrong keys");
    const refused = await site.browser.post(`/deployments/${slug}/keys`, { name: "", expires_in_days: "soon" });
    const form = (await readPage(refused)).form(`/deployments/${slug}/keys`);
    expect(refused.status).toBe(422);
    expect(form.byLabel("Name").problem).toBe("Give a name.");
    expect(form.byLabel("Expires in").problem).toContain("Enter a whole number of days");
    expect(form.byLabel("Expires in").value).toBe("soon");
  });

  it("shows viewers the keys, and lets them make and revoke none", async () => {
    const slug = await deployed(site, "Viewed keys");
    const path = `/deployments/${slug}`;
    await site.browser.post(`${path}/keys`, { name: "Seen by all" });
    const viewer = await memberBrowser(site, "viewer");
    const page = await viewer.page(path);
    expect(page.text).toContain("Seen by all");
    expect(page.text).not.toMatch(/Revoke|Generate an API key|Delete this deployment/);
    expect((await viewer.post(`${path}/keys`, { name: "Mine" })).status).toBe(403);
  });
});

describe("deleting it", () => {
  it("wants the name, and then nothing of it answers", async () => {
    const slug = await deployed(site, "To be deleted", { access: "public" });
    const path = `/deployments/${slug}`;
    expect((await site.browser.page(`${path}/delete`)).has("heading", "Delete To be deleted?")).toBe(true);
    const wrong = await site.browser.post(`${path}/delete`, { confirm: "to be deleted" });
    expect([wrong.status, (await wrong.text()).includes("The name does not match.")]).toEqual([422, true]);
    expect((await predict(site, slug, [1])).status).toBe(200);
    const gone = await site.browser.post(`${path}/delete`, { confirm: "To be deleted" });
    expect([gone.status, gone.headers.get("location")]).toEqual([303, `/projects/${site.slug}/deployments`]);
    expect((await site.browser.get(path)).status).toBe(404);
    expect((await predict(site, slug, [1])).status).toBe(404);
    expect((await site.browser.post(`${path}/delete`, { confirm: "To be deleted" })).status).toBe(404);
    expect((await site.browser.page(`/projects/${site.slug}/deployments`)).text).not.toContain("To be deleted");
  });

  it("is for who made it and for admins", async () => {
    const slug = await deployed(site, "Not yours to delete");
    for (const role of ["viewer", "contributor"] as const) {
      const member = await memberBrowser(site, role);
      expect((await member.post(`/deployments/${slug}/delete`, { confirm: "Not yours to delete" })).status).toBe(403);
      const page = await member.page(`/deployments/${slug}`);
      expect([...page.links, ...page.actions]).not.toContain(`/deployments/${slug}/delete`);
    }
    expect((await site.browser.get(`/deployments/${slug}`)).status).toBe(200);
  });
});

describe("the other sections", () => {
  it("list the versions, the current one marked", async () => {
    const slug = await deployed(site, "Versioned");
    const page = await site.browser.page(`/deployments/${slug}/versions`);
    expect(page.byRole("table", "Versions, newest first").rows.map((row) => row.slice(0, 5))).toEqual([
      [
        "1 Current",
        "Sharp experiment version 1",
        "Early experiment version 1",
        "–",
        expect.stringMatching(/ UTC by A user$/),
      ],
    ]);
    const viewer = await memberBrowser(site, "viewer");
    expect((await viewer.get(`/deployments/${slug}/versions`)).status).toBe(200);
  });

  it("say what both models answered while the challenger follows", async () => {
    const slug = await deployed(site, "Followed");
    await predict(site, slug, [5]);
    await challengerDone(site, slug);
    expect((await site.browser.page(`/deployments/${slug}/predictions`)).text).toContain("Agrees");
  });
});
