import { createExecutionContext, env } from "cloudflare:test";
import { beforeAll, expect, it } from "vitest";
import { createApp } from "../../src/app.tsx";
import { Browser } from "../support/browser.ts";
import { ADMIN, ORIGIN, startInstance } from "../support/instance.ts";

const PUBLIC = "https://tiltyard.example";
let cookie = "";

beforeAll(async () => {
  await startInstance();
  const browser = new Browser();
  await browser.signIn(ADMIN);
  cookie = browser.cookie;
});

function call(path: string, init: RequestInit, settings: Partial<Env>): Promise<Response> {
  return Promise.resolve(
    createApp().fetch(new Request(ORIGIN + path, init), { ...env, ...settings }, createExecutionContext()),
  );
}

async function invite(origin: string, settings: Partial<Env>): Promise<{ status: number; url: string | undefined }> {
  const response = await call(
    "/api/v1/users",
    {
      method: "POST",
      headers: { cookie, origin, "content-type": "application/json" },
      body: JSON.stringify({ email: `${crypto.randomUUID()}@tiltyard.test`, name: "Invited", role: "member" }),
    },
    settings,
  );
  const { invitation_url: url } = await response.json<{ invitation_url?: string }>();
  return { status: response.status, url };
}

it("links begin with the address of the request, or with ORIGIN where it is set", async () => {
  expect((await invite(ORIGIN, {})).url).toMatch(new RegExp(`^${ORIGIN}/invitations/`));
  expect((await invite(ORIGIN, { ORIGIN: PUBLIC })).url).toMatch(new RegExp(`^${PUBLIC}/invitations/`));
});

it("a page at ORIGIN may change things, and no other page", async () => {
  expect((await invite(PUBLIC, { ORIGIN: PUBLIC })).status).toBe(201);
  expect((await invite(PUBLIC, {})).status).toBe(403);
  expect((await invite("https://elsewhere.example", { ORIGIN: PUBLIC })).status).toBe(403);
});

it("CF-Connecting-IP is the caller's address only where TRUST_PROXY is 1", async () => {
  const recorded = async (settings: Partial<Env>): Promise<unknown> => {
    const headers = { cookie, origin: ORIGIN, "content-type": "application/json", "cf-connecting-ip": "203.0.113.99" };
    const made = await call("/api/v1/projects", { method: "POST", headers, body: '{"name":"Project"}' }, settings);
    const { slug } = await made.json<{ slug: string }>();
    const audit = await call(`/api/v1/projects/${slug}/audit`, { headers: { cookie } }, settings);
    const { items } = await audit.json<{ items: { action: string; address: string | null }[] }>();
    return items.find(({ action }) => action === "project.create")?.address;
  };
  expect(await recorded({ TRUST_PROXY: "1" })).toBe("203.0.113.99");
  expect(await recorded({ TRUST_PROXY: "0" })).toBeNull();
});
