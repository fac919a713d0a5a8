import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { Client, signIn } from "./client.ts";
import { temporaryDir, TiltyardProcess } from "./tiltyard-process.ts";

let dir: Awaited<ReturnType<typeof temporaryDir>>;
let port: number;
let demo: TiltyardProcess;
/** What a shell made of the printed curl command the moment that /health said 200. */
let firstAnswer: unknown;
/** How the processes of these tests ended. */
const ends: { signal: string; code: number | null; ms: number }[] = [];

beforeAll(async () => {
  dir = await temporaryDir();
  port = await freePort();
  demo = await new TiltyardProcess(port, dir.path, {}).ready();
  firstAnswer = await runPrintedCurl(demo);
});

afterAll(async () => {
  await demo?.end();
  await dir?.remove();
});

async function runPrintedCurl(process: TiltyardProcess): Promise<unknown> {
  const [line] = await process.printed(/^ *curl .*$/m);
  const { stdout } = await promisify(execFile)("sh", ["-c", line]);
  return JSON.parse(stdout);
}

async function printedText(process: TiltyardProcess, pattern: RegExp): Promise<string> {
  const [, text = ""] = await process.printed(pattern);
  return text;
}

describe("npm start", () => {
  it("is healthy only once the demo answers, and prints a curl command on one line that works as it stands", async () => {
    expect(firstAnswer).toMatchObject({
      prediction_id: expect.any(String),
      prediction: expect.any(String),
      warnings: [],
    });
    const health = await fetch(`${demo.url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: "ok", version: expect.any(String) }]);
  });

  it("answers an upload that it refuses at once, also one of 20 MB", async () => {
    for (const [authorization, status] of [
      ["Bearer typ_wrong", 401],
      [`Bearer ${await printedText(demo, /API key +(\S+)/)}`, 404],
    ] as const) {
      const body = new FormData();
      body.append("file", new Blob([new Uint8Array(20_000_000)]), "model.onnx");
      const answer = await fetch(`${demo.url}/api/v1/experiments/exp_none/versions/1/models`, {
        method: "POST",
        headers: { authorization },
        body,
      });
      expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining('"code"')]);
    }
  });

  it("prints an address, a sign-in, a key and a form that lead where they say", async () => {
    expect(await printedText(demo, /Open +(\S+)/)).toBe(demo.url);
    const [, email = "", password = ""] = await demo.printed(/Sign in +(\S+) +(\S+)/);
    const cookie = await signIn(demo.url, email, password);
    const page = await fetch(`${demo.url}/projects`, { headers: { cookie } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("Demo")]);
    const form = await fetch(await printedText(demo, /Form +(\S+)/));
    expect([form.status, await form.text()]).toEqual([200, expect.stringContaining("<form")]);
    const key = await printedText(demo, /API key +(\S+)/);
    const slug = (await printedText(demo, /Form +(\S+)/)).split("/").at(-1) ?? "";
    const answer = await new Client(demo.url, key).call("GET", `/api/v1/deployments/${slug}/inputs`);
    expect(answer["items"]).not.toHaveLength(0);
  });

  it("has everything after a stop and a start, and seeds nothing again", async () => {
    const [, email = "", password = ""] = await demo.printed(/Sign in +(\S+) +(\S+)/);
    const cookie = await signIn(demo.url, email, password);
    const slug = (await printedText(demo, /Form +(\S+)/)).split("/").at(-1) ?? "";
    const path = `/api/v1/deployments/${slug}/predictions?limit=500`;
    const recordsBefore = await recordsOf(cookie, path);
    const printedBefore = demo.output.slice(demo.output.indexOf("Tiltyard is running."));

    ends.push(await demo.stop("SIGTERM"));
    await expect(fetch(`${demo.url}/health`)).rejects.toThrow();

    demo = await new TiltyardProcess(port, dir.path, {}).ready();
    await demo.printed(/Stop with/);
    expect(demo.output.slice(demo.output.indexOf("Tiltyard is running."))).toBe(printedBefore);
    expect(demo.output).not.toContain("Seeding");
    expect(await recordsOf(cookie, path)).toEqual(recordsBefore);
    expect(await runPrintedCurl(demo)).toMatchObject({ prediction: expect.any(String) });
  });

  async function recordsOf(cookie: string, path: string): Promise<unknown> {
    const response = await fetch(`${demo.url}${path}`, { headers: { cookie } });
    const { items } = (await response.json()) as { items: { prediction_id: string; main: unknown }[] };
    expect(items.length).toBeGreaterThan(0);
    return items.map(({ prediction_id, main }) => ({ prediction_id, main }));
  }

  it("with DEMO=0 starts empty, and prints a setup token that makes the first user, once", async () => {
    const empty = await temporaryDir();
    const process = await new TiltyardProcess(await freePort(), empty.path, { DEMO: "0" }).ready();
    try {
      const token = await printedText(process, /Setup token +(\S+)/);
      expect(process.output).not.toContain("curl");
      const anybody = new Client(process.url);
      const first = {
        setup_token: token,
        email: "first@tiltyard.test",
        name: "First",
        password: "password of the first",
      };
      await anybody.call("POST", "/api/v1/setup", { ...first, setup_token: "wrong" }, 403);
      const made = await anybody.call("POST", "/api/v1/setup", first);
      const owner = new Client(process.url, String(made["token"]));
      // The first user finds a project to begin in, and nothing in it.
      expect((await owner.call("GET", "/api/v1/projects"))["items"]).toEqual([
        expect.objectContaining({ name: "First project" }),
      ]);
      for (const list of ["experiments", "deployments"]) {
        expect((await owner.call("GET", `/api/v1/projects/first-project/${list}`))["items"]).toEqual([]);
      }
      await anybody.call("POST", "/api/v1/setup", { ...first, email: "second@tiltyard.test" }, 409);
      await anybody.call("POST", "/api/v1/setup", {}, 409);
      ends.push(await process.stop("SIGINT"));
    } finally {
      await process.end();
      await empty.remove();
    }
  });

  it("stops cleanly within 5 s of SIGTERM and of SIGINT", () => {
    expect(ends.map(({ signal, code }) => [signal, code])).toEqual([
      ["SIGTERM", 0],
      ["SIGINT", 0],
    ]);
    for (const { ms } of ends) expect(ms).toBeLessThan(5_000);
  });
});
