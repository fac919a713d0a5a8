import { beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../support/browser.ts";
import { callApi, createUser, startInstance } from "../support/instance.ts";

beforeAll(async () => {
  await startInstance();
});

async function signedIn(): Promise<Browser> {
  const browser = new Browser();
  await browser.signIn(await createUser());
  return browser;
}

describe("the projects page", () => {
  it("shows where nothing is yet, creates a project without JavaScript and lists it", async () => {
    const browser = await signedIn();
    expect(await (await browser.get("/projects")).text()).toContain("No projects yet");
    const created = await browser.post("/projects", { name: "Made <here>", description: "" });
    expect([created.status, created.headers.get("location")]).toEqual([303, "/projects/made-here"]);
    const page = await (await browser.get("/projects")).text();
    expect(page).toContain("Made &lt;here&gt;");
    expect(page).not.toContain("Made <here>");
    const open = await browser.get("/projects/made-here");
    expect([open.status, open.headers.get("location")]).toEqual([303, "/projects/made-here/deployments"]);
  });

  it("shows what is wrong with the fields kept", async () => {
    const browser = await signedIn();
    const response = await browser.post("/projects", { name: " ", description: "Kept as it was" });
    const page = await response.text();
    expect(response.status).toBe(422);
    expect(page).toContain("Give a name.");
    expect(page).toContain("Kept as it was");
  });

  it("is not stored and runs no inline code", async () => {
    const response = await (await signedIn()).get("/projects");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(await response.text()).not.toMatch(/<script(?![^>]*\ssrc=)/);
  });

  it("answers a page for a project that one may not see", async () => {
    const owner = await createUser();
    await callApi("POST", "/api/v1/projects", { name: "Not yours" }, owner.token);
    const browser = await signedIn();
    const hidden = await browser.get("/projects/not-yours");
    expect([hidden.status, hidden.headers.get("content-type")]).toEqual([404, "text/html; charset=UTF-8"]);
    expect((await browser.get("/projects/there-is-none")).status).toBe(404);
    expect((await browser.get("/no/such/page")).status).toBe(404);
  });

  it("sends who is not signed in to the sign-in, and tells htmx to go there", async () => {
    const browser = new Browser();
    const posted = await browser.post("/projects", { name: "x" });
    expect([posted.status, posted.headers.get("location")]).toEqual([303, "/sign-in"]);
    const fragment = await browser.post("/projects", { name: "x" }, { "hx-request": "true" });
    expect([fragment.status, fragment.headers.get("hx-redirect")]).toEqual([401, "/sign-in"]);
  });
});

describe("the document of the API", () => {
  it("has the calls that are mounted, with what they take and answer", async () => {
    const answer = await callApi("GET", "/openapi.json");
    const calls = {
      "/api/v1/setup": ["post"],
      "/api/v1/me": ["get"],
      "/api/v1/tokens": ["get", "post"],
      "/api/v1/tokens/{id}": ["delete"],
      "/api/v1/users": ["get", "post"],
      "/api/v1/projects": ["get", "post"],
      "/api/v1/projects/{project}": ["delete", "get", "patch"],
      "/api/v1/projects/{project}/audit": ["get"],
      "/api/v1/audit": ["get"],
      "/api/v1/projects/{project}/members": ["get"],
      "/api/v1/projects/{project}/members/{user}": ["delete", "put"],
    };
    for (const [path, methods] of Object.entries(calls)) {
      expect([path, Object.keys(Object(Reflect.get(Object(answer.at("paths")), path))).toSorted()]).toEqual([
        path,
        methods,
      ]);
    }
    const setup = Reflect.get(Object(answer.at("paths")), "/api/v1/setup");
    expect(JSON.stringify(setup)).toContain("First project");
    expect(JSON.stringify(setup)).toContain("setup_token");
  });
});
