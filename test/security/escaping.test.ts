import { beforeAll, describe, expect, it, vi } from "vitest";
import { Browser } from "../support/browser.ts";
import { upload } from "../support/deployment.ts";
import { timesModel } from "../support/models.ts";
import {
  echoesOf,
  HOSTILE,
  type HostileWorld,
  htmlOf,
  oddPages,
  type Page,
  startHostileWorld,
} from "./hostile-world.ts";
import { send } from "./request.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 });

// Nothing of what people typed becomes markup, a header, or the address of another site. What `next` may be as such is in
// test/access/secrets.test.ts, formulas in CSV files are in test/audit/audit-file.test.ts.

const SITE = "https://tiltyard.test";

let world: HostileWorld;
beforeAll(async () => {
  world = await startHostileWorld();
});

/** Elements and attributes that run code, by how the browser's own parser sees them. */
async function codeIn(html: string): Promise<string[]> {
  const found: string[] = [];
  const look = (element: Element): void => {
    for (const [name = "", value] of element.attributes) {
      const runs = name.startsWith("on") || name === "style" || name === "srcdoc" || name.startsWith("hx-on");
      const leads =
        ["href", "src", "action", "formaction"].includes(name) && /^\s*(javascript|data|vbscript):/i.test(value ?? "");
      if (runs || leads) found.push(`${element.tagName} ${name}=${value}`);
    }
    const isData = element.getAttribute("type") === "application/json";
    if (element.tagName === "script" && !isData && !element.getAttribute("src")?.startsWith("/static/")) {
      found.push("an inline script");
    }
    if (["img", "iframe", "object", "embed", "base", "style"].includes(element.tagName)) found.push(element.tagName);
  };
  await new HTMLRewriter().on("*", { element: look }).transform(new Response(html)).text();
  return found;
}

async function expectNoCode(found: Page[]): Promise<number> {
  for (const { path, html, response } of found) {
    expect(response.status, path).toBeLessThan(500);
    expect([path, ...(await codeIn(html))]).toEqual([path]);
    expect(html).not.toContain("<img src=x");
  }
  return found.filter(({ html }) => html.includes("&lt;img src=x")).length;
}

describe("what people typed", () => {
  it("is text on every page, whatever it is the name of", async () => {
    // Pages that show no name of anything, such as the sign-in, are among them; most do.
    expect(await expectNoCode(await htmlOf(world.browser, world.pages))).toBeGreaterThan(25);
  });

  it("is text where an address or a filter is shown again", async () => {
    expect(await expectNoCode(await htmlOf(world.browser, oddPages(world)))).toBeGreaterThan(2);
  });

  it("is text in a form that comes back", async () => {
    expect(await expectNoCode(await echoesOf(world))).toBeGreaterThan(6);
  });

  it("is text for a form that is not signed in", async () => {
    const browser = new Browser();
    const pagesOf = [
      await browser.get(`/sign-in?next=${encodeURIComponent(`/${HOSTILE}`)}`),
      await browser.post("/sign-in", { email: HOSTILE, password: HOSTILE, next: `/${HOSTILE}` }),
      await browser.post(`/invitations/${world.ids.invitation}`, { name: HOSTILE, password: "short" }),
    ];
    const found: Page[] = [];
    for (const response of pagesOf) found.push({ path: response.url, response, html: await response.text() });
    expect(await expectNoCode(found)).toBe(3);
  });

  it("breaks no header: neither the name of a file nor where an answer leads", async () => {
    const file = await send("GET", `/api/v1/models/${world.ids.model}/file`, { token: world.token });
    expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="[\w.-]+"$/);
    expect(file.headers.get("content-type")).toBe("application/octet-stream");
    const sent = await upload(`/api/v1/experiments/${world.ids.experiment}/versions/1/models`, world.token, {
      file: { name: "m.onnx", content: timesModel(2) },
      name: 'a"\r\nset-cookie: x=y\r\n.html',
      mapping: JSON.stringify({ inputs: { amount: [HOSTILE] } }),
    });
    if (sent.status === 201) {
      const odd = await send("GET", `/api/v1/models/${sent.text("id")}/file`, { token: world.token });
      expect(odd.headers.get("content-disposition")).toMatch(/^attachment; filename="[\w.-]+"$/);
      expect(odd.headers.getSetCookie()).toEqual([]);
    }
  });

  it("in an address that leads on stays on this site and in one header", async () => {
    for (const odd of [
      "%0d%0aset-cookie:%20x=y",
      "%2F%2Fevil.test",
      "%2e%2e%2f%2fevil.test",
      "\\evil.test",
      "%00",
      "%E4%B8%AD",
    ]) {
      const response = await world.browser.get(`/experiments/${odd}/versions`);
      const location = response.headers.get("location");
      expect(response.status, odd).toBeLessThan(500);
      expect(response.headers.getSetCookie()).toEqual([]);
      if (location !== null) expect(new URL(location, SITE).origin).toBe(SITE);
    }
  });
});

describe("where ?next= leads who is signed in", () => {
  it.each([
    "https://evil.test/",
    "//evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "/%09/evil.test",
    "/\t/evil.test",
    "/.//evil.test",
    "javascript:alert(1)",
    "///evil.test",
    "/%2F/evil.test\r\n",
  ])("is on this site: %j", async (next) => {
    const response = await world.browser.get(`/sign-in?next=${encodeURIComponent(next)}`);
    expect(response.status).toBe(303);
    const location = response.headers.get("location") ?? "";
    expect(new URL(location, SITE).origin).toBe(SITE);
    expect(location).toMatch(/^\/(?![/\\])/);
  });
});
