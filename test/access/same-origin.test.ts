import { beforeAll, describe, expect, it } from "vitest";
import { Browser } from "../support/browser.ts";
import { ADMIN, createUser, fetchInstance, ORIGIN, startInstance } from "../support/instance.ts";

let cookie = "";
beforeAll(async () => {
  await startInstance();
  const browser = new Browser();
  await browser.signIn(ADMIN);
  cookie = browser.cookie;
});

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_TYPE = { "content-type": "application/json" };

async function create(headers: Record<string, string>): Promise<number> {
  const isJson = headers["content-type"] === JSON_TYPE["content-type"];
  const [path, body] = isJson ? ["/api/v1/projects", '{"name":"Forged"}'] : ["/projects", "name=Forged"];
  const response = await fetchInstance(path, { method: "POST", body, headers });
  if (response.status === 403) {
    expect(await response.json()).toMatchObject({ code: "forbidden", detail: expect.stringContaining("another site") });
  }
  return response.status;
}

describe.each([
  ["a form", FORM, 303],
  ["JSON", JSON_TYPE, 201],
  ["JSON that calls itself text", { "content-type": "text/plain" }, 415],
])("%s with a session cookie", (_, type, done) => {
  it.each([
    [{ origin: ORIGIN }],
    [{ "sec-fetch-site": "same-origin" }],
    [{ "sec-fetch-site": "same-origin", origin: ORIGIN }],
    // A proxy that ends TLS: the Worker sees another origin than the browser.
    [{ "sec-fetch-site": "same-origin", origin: "https://tiltyard.example" }],
  ])("passes from our own page, as %j says", async (from) => {
    expect(await create({ ...type, ...from, cookie })).toBe(done);
  });

  it.each([
    [{}],
    [{ origin: "https://evil.test" }],
    [{ origin: "null" }],
    [{ origin: `${ORIGIN}.evil.test` }],
    [{ origin: ORIGIN.replace("http:", "https:") }],
    [{ "sec-fetch-site": "cross-site" }],
    [{ "sec-fetch-site": "same-site", origin: ORIGIN }],
    [{ "sec-fetch-site": "cross-site", origin: ORIGIN }],
  ])("is refused from elsewhere, as %j says", async (from) => {
    expect(await create({ ...type, ...from, cookie })).toBe(403);
  });
});

describe("a request from another site", () => {
  const foreign = { origin: "https://evil.test", "sec-fetch-site": "cross-site" };

  it("passes with a bearer token, which no browser adds by itself", async () => {
    const { token } = await createUser();
    expect(await create({ ...JSON_TYPE, ...foreign, cookie, authorization: `Bearer ${token}` })).toBe(201);
  });

  it("may read", async () => {
    const response = await fetchInstance("/api/v1/me", { headers: { ...foreign, cookie } });
    expect(response.status).toBe(200);
  });

  it("cannot end a session", async () => {
    const response = await fetchInstance("/sign-out", { method: "POST", headers: { ...foreign, ...FORM, cookie } });
    expect(response.status).toBe(403);
    expect((await fetchInstance("/api/v1/me", { headers: { cookie } })).status).toBe(200);
  });

  it("cannot sign its visitor in to an account of its own", async () => {
    const { email, password } = await createUser();
    const body = new URLSearchParams({ email, password });
    const response = await fetchInstance("/sign-in", { method: "POST", body, headers: foreign });
    expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
    expect((await fetchInstance("/sign-in", { method: "POST", body })).status).toBe(303);
  });
});
