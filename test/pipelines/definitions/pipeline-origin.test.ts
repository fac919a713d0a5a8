import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createApp } from "../../../src/app.tsx";
import { browserOf, redirectOf } from "../../experiments/pages-fixtures.ts";
import { expectStatus } from "../../support/deployment.ts";
import { ORIGIN } from "../../support/instance.ts";
import { Answer } from "../../support/answer.ts";
import { rowsOf } from "../pipeline-fixtures.ts";
import { Workflows } from "../workflows.ts";
import { HOOK, create, deployment, usePipelinesProject } from "./pipelines-project.ts";

usePipelinesProject();

const ELSEWHERE = "https://scores.example.org";

/** Calls the instance under another address, as after a move. */
async function callElsewhere(method: string, path: string, body: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${deployment.owner.token}`, "content-type": "application/json" };
  const request = new Request(ELSEWHERE + path, { method, headers, body: JSON.stringify(body) });
  return Answer.of(await createApp().fetch(request, new Workflows().env, createExecutionContext()));
}

const origin = async () => (await rowsOf("pipelines"))[0]?.["origin"];
const entries = async () => (await rowsOf("audit_entries")).length;

describe("the address to which messages about runs link", () => {
  it("is the one under which the pipeline was made, then changed or run", async () => {
    const path = `/api/v1/pipelines/${(await create({ notify: HOOK })).text("id")}`;
    expect(await origin()).toBe(ORIGIN);
    expectStatus(await callElsewhere("GET", path, undefined), 200);
    expect(await origin()).toBe(ORIGIN);
    expectStatus(await callElsewhere("PATCH", path, { name: "Moved" }), 200);
    expect(await origin()).toBe(ELSEWHERE);
    await env.DB.prepare("update pipelines set origin = 'http://127.0.0.1:40685'").run();
    expectStatus(await callElsewhere("POST", `${path}/runs`, {}), 202);
    expect(await origin()).toBe(ELSEWHERE);
  });

  it("is renewed also by a change that changes nothing else, of which the log says nothing", async () => {
    const path = `/api/v1/pipelines/${(await create({ notify: HOOK })).text("id")}`;
    const before = await entries();
    expectStatus(await callElsewhere("PATCH", path, { notify: HOOK }), 200);
    expect([await origin(), await entries()]).toEqual([ELSEWHERE, before]);
  });

  it("is renewed by the page too", async () => {
    const id = (await create({ schedule: { cron: "0 6 * * 1", timezone: "UTC" } })).text("id");
    const elsewhere = () => env.DB.prepare("update pipelines set origin = 'http://127.0.0.1:40685'").run();
    const browser = await browserOf(deployment.owner);
    for (const [path, fields] of [
      ["enabled", { enabled: "false" }],
      ["runs", {}],
    ] as const) {
      await elsewhere();
      await redirectOf(await browser.post(`/pipelines/${id}/${path}`, fields));
      expect(await origin()).toBe(ORIGIN);
    }
  });
});
