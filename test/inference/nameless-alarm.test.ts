import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import type { DeploymentHost } from "../../src/inference/host/deployment-host.ts";
import { deployModel, predictOne } from "../support/deployment.ts";
import { hostOf } from "../support/host.ts";
import { startInstance } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

beforeAll(startInstance);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Wakes a host as an alarm does in a runtime that does not keep names: with its id alone. Sets its alarm too. */
async function wakeNameless(stub: DurableObjectStub<DeploymentHost>): Promise<void> {
  await runInDurableObject(stub, async (_, state) => {
    const id = state.id.toString();
    Object.defineProperty(state, "id", { value: { name: undefined, toString: () => id } });
    await state.storage.setAlarm(Date.now() + 60_000);
  });
}

async function rowsStored(deploymentId: string): Promise<unknown> {
  const sql = "select sum(rows) as rows from monitoring_windows where deploymentId = ? and span = 'hour'";
  return (await env.DB.prepare(sql).bind(deploymentId).first<{ rows: number | null }>())?.rows;
}

it("a host that an alarm wakes without its name works off what is left", async () => {
  const deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2) });
  await predictOne(deployment, { amount: 1 });
  const stub = hostOf(deployment);
  await evictDurableObject(stub);
  await wakeNameless(stub);
  // The records are an hour old: their window is closed, and due in the database.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * 3_600_000 });
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  vi.useRealTimers();
  expect(await rowsStored(deployment.id)).toBe(1);
});

it("a host that does not know its name says so once, and sets no alarm again", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const stub = env.DEPLOYMENT_HOST.getByName("never called");
  await wakeNameless(stub);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).toBeNull();
  expect(said.mock.calls.flat().join(" ")).toContain("does not know its name");
});
