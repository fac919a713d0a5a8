import { beforeAll, describe, expect, it, vi } from "vitest";
import { Browser } from "../support/browser.ts";
import { callApi, createUser } from "../support/instance.ts";
import { echoesOf, type HostileWorld, htmlOf, oddPages, startHostileWorld } from "./hostile-world.ts";
import { addressOf, send } from "./request.ts";
import { ROUTES } from "./route-table.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 });

// What every answer tells a browser that it may do. That pages have nothing inline is in escaping.test.ts and test/ui/layout.test.tsx;
// the cookie of a sign-in without HTTPS is in test/access/sign-in.test.ts.

const ORIGIN_OVER_HTTPS = "https://tiltyard.test";

let world: HostileWorld;
beforeAll(async () => {
  world = await startHostileWorld();
});

describe("the headers of an answer", () => {
  it("let a page run and load its own files only, be framed by nobody, and be stored by nobody", async () => {
    const found = [
      ...(await htmlOf(world.browser, world.pages)),
      ...(await htmlOf(world.browser, oddPages(world).slice(0, -1))),
      ...(await echoesOf(world)),
    ];
    expect(found.length).toBeGreaterThan(40);
    for (const { path, response } of found) expectPageHeaders(path, response);
  });

  it("are those of a page for the page of a missing file too", async () => {
    const [missing] = await htmlOf(world.browser, ["/static/none"]);
    if (missing) expectPageHeaders(missing.path, missing.response);
  });

  it("keep browsers from guessing a type, whatever the answer is", async () => {
    const bare: string[] = [];
    for (const { name, method, pattern, sends, need } of ROUTES) {
      if (method !== "GET" && need !== "predicts") continue;
      for (const credential of [{ token: world.token }, { token: "nonsense" }]) {
        const payload = sends && need === "predicts" ? { json: { features: {} } } : undefined;
        const { headers, status } = await send(method, addressOf(pattern, world.ids), credential, payload);
        if (headers.get("x-content-type-options") !== "nosniff") bare.push(`${name}: ${status}`);
      }
    }
    expect(bare).toEqual([]);
  });

  it("set no cookie but the session's, and end that as carefully as it began", async () => {
    for (const { path, response } of await htmlOf(world.browser, world.pages))
      expect([path, response.headers.getSetCookie()]).toEqual([path, []]);
    const browser = new Browser(ORIGIN_OVER_HTTPS);
    const user = await createUser();
    const [begun = ""] = (await browser.signIn(user)).headers.getSetCookie();
    const [ended = ""] = (await browser.post("/sign-out", {})).headers.getSetCookie();
    for (const line of [begun, ended]) {
      expect(line).toMatch(/^__Host-tiltyard=/);
      const attributes = line
        .split("; ")
        .slice(1)
        .map((attribute) => attribute.toLowerCase());
      expect(attributes).toEqual(expect.arrayContaining(["path=/", "httponly", "secure", "samesite=lax"]));
      expect(line).not.toMatch(/domain=/i);
    }
    expect(ended).toMatch(/Max-Age=0/);
  });

  it("are the same for the cookie of an invitation and of a password that is too short for it", async () => {
    const user = await createUser();
    const link = await callApi("POST", `/api/v1/users/${user.id}/invitation`, {}, world.token);
    const browser = new Browser(ORIGIN_OVER_HTTPS);
    const path = new URL(link.text("invitation_url")).pathname;
    expect((await browser.post(path, { name: "A", password: "short" })).headers.getSetCookie()).toEqual([]);
    const [line = ""] = (
      await browser.post(path, { name: "A", password: "a password that fits" })
    ).headers.getSetCookie();
    expect(line).toMatch(/^__Host-tiltyard=[0-9A-Za-z]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });
});

function expectPageHeaders(path: string, { headers }: Response): void {
  const policy = Object.fromEntries(
    (headers.get("content-security-policy") ?? "").split(";").map((part) => {
      const [name = "", ...sources] = part.trim().split(/\s+/);
      return [name, sources.join(" ")];
    }),
  );
  expect([path, policy]).toEqual([
    path,
    expect.objectContaining({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "frame-ancestors": "'none'",
      "base-uri": "'none'",
      "form-action": "'self'",
    }),
  ]);
  expect(JSON.stringify(policy)).not.toMatch(/unsafe-|\*|https?:/);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toMatch(/^(no-referrer|same-origin)$/);
  expect(headers.get("cache-control")).toContain("no-store");
}
