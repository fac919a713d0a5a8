import { env } from "cloudflare:workers";
import { describe, expect, inject, it } from "vitest";
import { seal } from "../../../src/lib/seal.ts";
import { openConnection, secretPlace } from "../../../src/pipelines/connections/open-connection.ts";
import { testConnection } from "../../../src/pipelines/connections/test-connection.ts";

const address = inject("postgres");
// The host is one that nobody has: what answers, answers by way of the binding.
const settings = { host: "db.example.org", port: 5_432, database: "sales", user: "tiltyard", tls: true };

async function stored(id: string) {
  const sealedSecret = await seal(env.SEALING_KEY, secretPlace(id), JSON.stringify({ password: "not the one" }));
  return {
    id,
    projectId: "prj_1",
    name: "Sales",
    kind: "postgres" as const,
    settings,
    sealedSecret,
    createdBy: "usr_1",
    createdAt: 0,
  };
}

describe("a connection that the operator has put behind a Hyperdrive", () => {
  const withHyperdrive = { ...env, HYPERDRIVE_CONNECTIONS: '{"con_1": "HYPERDRIVE_SALES"}', HYPERDRIVE_SALES: address };

  it("is reached with the address and the sign-in of the binding", async () => {
    const verdict = await testConnection(await openConnection(withHyperdrive, await stored("con_1")));
    expect(verdict).toEqual({ ok: true, detail: expect.stringContaining(`Signed in to ${address.database}`) });
  });

  it("is that connection alone: another one goes where its settings say", async () => {
    expect(await openConnection(withHyperdrive, await stored("con_2"))).toMatchObject({ settings });
  });

  it("is an error where there is no such binding", async () => {
    const broken = { ...env, HYPERDRIVE_CONNECTIONS: '{"con_1": "HYPERDRIVE_LOST"}' };
    await expect(openConnection(broken, await stored("con_1"))).rejects.toThrow("HYPERDRIVE_LOST");
  });
});
