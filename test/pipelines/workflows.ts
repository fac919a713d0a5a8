import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createApp } from "../../src/app.tsx";
import { Answer } from "../support/answer.ts";
import { ORIGIN, type TestUser } from "../support/instance.ts";

/** Stands where the engine of runs is: keeps what was started and ended, and does nothing of it. */
export class Workflows {
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  /** Makes the next starts fail, as when the platform is out of order. */
  isBroken = false;

  /** The environment of the Worker with these workflows in it. */
  get env(): Env {
    const binding = {
      create: async ({ id }: { id: string }) => {
        if (this.isBroken) throw new Error("workflows are out of order");
        if (this.started.includes(id)) throw new Error("instance.already_exists");
        this.started.push(id);
      },
      get: async (id: string) => {
        if (!this.started.includes(id)) throw new Error("instance.not_found");
        return {
          status: async () => ({ status: this.stopped.includes(id) ? "terminated" : "running" }),
          terminate: async () => void this.stopped.push(id),
        };
      },
    };
    // Of the platform's class, this is what the product uses.
    return { ...env, RUN_WORKFLOW: binding as unknown as Env["RUN_WORKFLOW"] };
  }

  /** Sends a request to the real Worker with these workflows. */
  async fetch(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return createApp().fetch(new Request(ORIGIN + path, init), this.env, createExecutionContext());
  }

  /** Calls the API as a user, with their token. */
  async call(method: string, path: string, user: TestUser, body?: unknown): Promise<Answer> {
    const headers = { authorization: `Bearer ${user.token}`, "content-type": "application/json" };
    return Answer.of(await this.fetch(method, path, headers, body));
  }
}
