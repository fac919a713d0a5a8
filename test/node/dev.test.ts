import { appendFile, cp, symlink, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { Client } from "./client.ts";
import { temporaryDir, TiltyardProcess } from "./tiltyard-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** What a fresh clone does not have. */
const NOT_CLONED = new Set([".git", ".tiltyard", ".wrangler", "node_modules", "dist"]);
const FIRST = { email: "first@tiltyard.test", name: "First", password: "password of the first" };

let dir: Awaited<ReturnType<typeof temporaryDir>>;
let clone: string;
let dev: TiltyardProcess;

beforeAll(async () => {
  dir = await temporaryDir();
  clone = join(dir.path, "clone");
  await cp(ROOT, clone, { recursive: true, filter: (source) => !NOT_CLONED.has(basename(source)) });
  await symlink(join(ROOT, "node_modules"), join(clone, "node_modules"));
  dev = await new TiltyardProcess(await freePort(), join(clone, ".wrangler/dev"), { DEMO: "0" }, "dev", clone).ready();
});

afterAll(async () => {
  await dev?.end();
  await dir?.remove();
});

async function textAt(path: string): Promise<string> {
  return (await fetch(dev.url + path)).text();
}

describe("npm run dev", () => {
  it("on a fresh clone shows the set-up page, and prints the token that makes the first user", async () => {
    const page = await fetch(`${dev.url}/setup`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('name="setup_token"')]);
    const [, token] = await dev.printed(/Setup token +(\S+)/);
    const anybody = new Client(dev.url);
    await anybody.call("POST", "/api/v1/setup", { ...FIRST, setup_token: "wrong" }, 403);
    const owner = new Client(
      dev.url,
      await anybody.textOf("token", anybody.call("POST", "/api/v1/setup", { ...FIRST, setup_token: token })),
    );
    expect(await owner.call("GET", "/api/v1/me")).toMatchObject({ user: { email: FIRST.email } });
  });

  it("serves what the code, the scripts of the browser and the static files change to, and keeps its store", async () => {
    await Promise.all([
      writeFile(join(clone, "src/version.ts"), 'export const VERSION = "changed";\n'),
      appendFile(join(clone, "src/client/preferences.ts"), 'document.title = "changed";\n'),
      appendFile(join(clone, "static/app.css"), "/* changed */\n"),
    ]);
    const timeout = 100_000;
    await expect.poll(() => textAt("/health"), { timeout }).toContain('"version":"changed"');
    await expect.poll(() => textAt("/static/preferences.js"), { timeout }).toMatch(/title=.changed/);
    await expect.poll(() => textAt("/static/app.css"), { timeout }).toContain("/* changed */");
    const setup = await fetch(`${dev.url}/setup`, { redirect: "manual" });
    expect(setup.status).toBe(303);
  });

  it("stops cleanly", async () => {
    expect(await dev.stop("SIGINT")).toMatchObject({ code: 0 });
  });
});
