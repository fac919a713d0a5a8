import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { timesModel } from "../support/models.ts";
import { BuiltInstance } from "./built-instance.ts";
import type { Client } from "./client.ts";
import { addModel, createVersion, deploy, setUp } from "./owner.ts";
import { temporaryDir } from "./tiltyard-process.ts";

const ROOT = join(import.meta.dirname, "../..");
const BEFORE = 400;

let dir: Awaited<ReturnType<typeof temporaryDir>>;
let dataDir: string;
let port: number;
let running: BuiltInstance;
let owner: Client;
let path: string;

function script(verb: "backup" | "restore", file: string): Promise<{ stdout: string }> {
  const env = { ...process.env, DATA_DIR: dataDir };
  return promisify(execFile)("npm", ["run", "--silent", verb, "--", file], { cwd: ROOT, env });
}

beforeAll(async () => {
  dir = await temporaryDir();
  dataDir = join(dir.path, "data");
  port = await freePort();
  running = await BuiltInstance.start(dataDir, port);
  owner = await setUp(running);
  const version = await createVersion(owner);
  path = await deploy(owner, version, await addModel(owner, version, timesModel(2)), null);
});

afterAll(async () => {
  await running?.kill();
  await dir?.remove();
});

async function predict(amount: number): Promise<{ id: string; amount: number }> {
  const answer = await owner.call("POST", `${path}/predict`, { features: { amount } }, 200);
  return { id: String(answer["prediction_id"]), amount };
}

describe("a backup that is taken under load", () => {
  it("has every prediction that was answered before it began, after all else was deleted", async () => {
    const file = join(dir.path, "backup.tar.gz");
    const before: { id: string; amount: number }[] = [];
    for (let amount = 0; amount < BEFORE; amount += 8)
      before.push(...(await Promise.all(Array.from({ length: 8 }, (_, index) => predict(amount + index)))));
    let isOver = false;
    const load = Array.from({ length: 4 }, async (_, first) => {
      for (let amount = first; !isOver; amount += 4) await predict(amount % 1_000);
    });
    expect((await script("backup", file)).stdout).toContain("keep it safe");
    isOver = true;
    await Promise.all(load);
    await running.kill();
    await rm(dataDir, { recursive: true });

    await script("restore", file);
    running = await BuiltInstance.start(dataDir, port);
    const lost: string[] = [];
    for (const { id, amount } of before) {
      const record = await owner
        .call("GET", `${path}/predictions/${id}`)
        .catch((error: unknown) => ({ lost: String(error) }));
      if ("lost" in record) lost.push(String(record.lost));
      else expect(record).toMatchObject({ features: { amount }, main: { prediction: amount * 2 } });
    }
    expect(lost).toEqual([]);
    expect(await predict(21)).toMatchObject({ amount: 21 });
    expect(before.map(({ id }) => id)).toHaveLength(BEFORE);
  });

  it("is restored to an empty directory only, and overwrites no file", async () => {
    const file = join(dir.path, "backup.tar.gz");
    await expect(script("restore", file)).rejects.toMatchObject({ stderr: expect.stringContaining("is not empty") });
    await expect(script("backup", file)).rejects.toMatchObject({ stderr: expect.stringContaining("exists") });
  });
});
