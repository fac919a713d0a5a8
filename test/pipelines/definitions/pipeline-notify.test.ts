import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createApp } from "../../../src/app.tsx";
import { Answer } from "../../support/answer.ts";
import { expectStatus } from "../../support/deployment.ts";
import { ORIGIN } from "../../support/instance.ts";
import { rowsOf } from "../pipeline-fixtures.ts";
import { HOOK, deployment, path, usePipelinesProject, asOwner, body, create } from "./pipelines-project.ts";

usePipelinesProject();

describe("who is told", () => {
  it("by a webhook gets a secret that is shown once, and kept sealed", async () => {
    const made = expectStatus(await create({ notify: HOOK }), 201);
    const secret = made.text("signing_secret");
    expect(secret).toMatch(/^tys_[0-9A-Za-z]{43}$/);
    const read = await asOwner("GET", `/api/v1/pipelines/${made.text("id")}`);
    expect(read.at("notify")).toEqual(HOOK);
    const stored = JSON.stringify([read.body, await rowsOf("pipelines"), await rowsOf("audit_entries")]);
    expect(stored).not.toContain(secret.slice(4, 20));
    expect(JSON.stringify(await rowsOf("audit_entries"))).not.toContain("secret-path");
  });

  it("keeps the secret under the same address, and gets another under another one", async () => {
    const made = await create({ notify: HOOK });
    const address = `/api/v1/pipelines/${made.text("id")}`;
    const sealed = async () => (await rowsOf("pipelines"))[0]?.["sealedSecret"];
    const first = await sealed();
    expect((await asOwner("PATCH", address, { notify: HOOK })).at("signing_secret")).toBeNull();
    expect(await sealed()).toBe(first);
    const moved = await asOwner("PATCH", address, { notify: { webhook_url: "https://hooks.example.org/other" } });
    expect(moved.text("signing_secret")).not.toBe(made.text("signing_secret"));
    expect((await asOwner("PATCH", address, { notify: null })).body).toMatchObject({
      notify: null,
      signing_secret: null,
    });
    expect(await sealed()).toBeNull();
  });

  it("by e-mail where the operator has set a provider", async () => {
    const settings = { EMAIL_API_URL: "https://mail.example.org", EMAIL_API_KEY: "key", EMAIL_FROM: "t@example.org" };
    const headers = { authorization: `Bearer ${deployment.owner.token}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body({ notify: { email: "Ada@example.org" } })) };
    const context = createExecutionContext();
    const made = await createApp().fetch(new Request(ORIGIN + path, init), { ...env, ...settings }, context);
    expect((await Answer.of(made)).body).toMatchObject({ notify: { email: "ada@example.org" }, signing_secret: null });
  });
});
