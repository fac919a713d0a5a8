import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { secretsFile } from "../../scripts/deploy/deploy-secrets.ts";
import { readArguments } from "../../scripts/deploy/deploy-target.ts";
import { describeThorough } from "../support/thorough.ts";
import { FakeCloudflare } from "./fake-cloudflare.ts";

const ROOT = join(import.meta.dirname, "../..");
const MIGRATIONS = readdirSync(join(ROOT, "migrations")).filter((file) => file.endsWith(".sql"));
const NAME = `tiltyard-test-${process.pid}`;

interface Ended {
  code: number;
  output: string;
}

/** `npm run deploy` against the fake, as a process of its own. */
function deploy(cloud: FakeCloudflare, words: readonly string[] = ["--name", NAME]): Promise<Ended> {
  return new Promise((resolve) => {
    const env: NodeJS.ProcessEnv = { ...process.env, ...cloud.environment };
    for (const name of ["SETUP_TOKEN", "SEALING_KEY", "GITHUB_ACTIONS"]) Reflect.deleteProperty(env, name);
    execFile(process.execPath, [join(ROOT, "scripts/deploy.ts"), ...words], { cwd: ROOT, env }, (error, out, err) =>
      resolve({ code: error ? 1 : 0, output: out + err }),
    );
  });
}

async function forget(): Promise<void> {
  for (const name of [NAME, `${NAME}-older`, "taken"]) {
    const { target } = readArguments(["--name", name]);
    await Promise.all([rm(secretsFile(target), { force: true }), rm(target.configFile, { force: true })]);
  }
}

let cloud: FakeCloudflare;

beforeAll(async () => {
  cloud = await FakeCloudflare.start();
});

afterAll(async () => {
  expect(cloud.unknown).toEqual([]);
  cloud.stop();
  await forget();
});

describe("npm run deploy", () => {
  it("refuses words that it does not know, and names that no Worker can have", async () => {
    expect((await deploy(cloud, ["--nmae", "x"])).output).toContain("Unknown argument: --nmae");
    expect((await deploy(cloud, ["--name", "Not Good"])).output).toContain("cannot be the name of a Worker");
  });

  it("says which right the token lacks, and changes nothing", async () => {
    cloud.faults = { forbids: /^GET .*\/d1\// };
    const refused = await deploy(cloud);
    cloud.faults = {};
    expect([refused.code, refused.output]).toEqual([
      1,
      expect.stringContaining("The token may not read D1 databases."),
    ]);
    expect([cloud.databases.size, cloud.buckets.size, cloud.workers.size]).toEqual([0, 0, 0]);
  });

  it("leaves a Worker alone that is another program's", async () => {
    cloud.workers.set("taken", { bindings: [{ name: "OTHER", type: "plain_text" }], secrets: new Map() });
    const refused = await deploy(cloud, ["--name", "taken"]);
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining("another Worker called taken")]);
    expect(cloud.databases.has("taken")).toBe(false);
    cloud.workers.delete("taken");
  });
});

describeThorough("npm run deploy, from the first upload on,", () => {
  it("that is cut off at any step goes on where it was when it is repeated, with the same secrets", async () => {
    const steps = [
      /^POST .*\/d1\/database$/,
      /^POST .*\/r2\/buckets$/,
      /\/query$/,
      /^PUT .*\/workers\/scripts\/[^/]+$/,
    ];
    for (const cutsAt of steps) {
      cloud.faults = { cutsAt };
      const cut = await deploy(cloud);
      expect([String(cutsAt), cut.code]).toEqual([String(cutsAt), 1]);
    }
    cloud.faults = {};
    const kept: unknown = JSON.parse(readFileSync(secretsFile(readArguments(["--name", NAME]).target), "utf8"));
    const ended = await deploy(cloud);
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining(`runs at ${cloud.origin}`)]);
    expect([...cloud.databases.keys(), ...cloud.buckets, ...cloud.workers.keys()]).toEqual([NAME, NAME, NAME]);
    expect(cloud.tables(NAME)).toEqual(expect.arrayContaining(["users", "deployments", "models"]));
    const secrets = cloud.workers.get(NAME)?.secrets;
    expect([...(secrets?.keys() ?? [])].toSorted()).toEqual(["SEALING_KEY", "SETUP_TOKEN"]);
    expect(Object.fromEntries(secrets ?? [])).toEqual(kept);
    for (const secret of secrets?.values() ?? []) expect(ended.output).not.toContain(secret);
    expect(ended.output).toContain("/setup");
  });

  it("of a later release is an upgrade: secrets stay, and only migrations that are new run", async () => {
    const older = `${NAME}-older`;
    const newest = MIGRATIONS.at(-1) ?? "";
    const sqlite = cloud.addDatabase(older);
    sqlite.exec(
      "create table d1_migrations (id integer primary key autoincrement, name text unique, applied_at timestamp)",
    );
    for (const file of MIGRATIONS.slice(0, -1)) {
      sqlite.exec(readFileSync(join(ROOT, "migrations", file), "utf8"));
      sqlite.prepare("insert into d1_migrations (name) values (?)").run(file);
    }
    cloud.workers.set(older, {
      bindings: [{ name: "DEPLOYMENT_HOST", type: "durable_object_namespace" }],
      secrets: new Map([
        ["SETUP_TOKEN", "of old"],
        ["SEALING_KEY", "of old too"],
      ]),
    });
    const { code, output } = await deploy(cloud, ["--name", older]);
    expect([code, output]).toEqual([0, expect.stringContaining(`Worker ${older}: upgrade`)]);
    expect([...(cloud.workers.get(older)?.secrets.values() ?? [])]).toEqual(["of old", "of old too"]);
    const applied = sqlite
      .prepare("select name from d1_migrations order by id")
      .all()
      .map(({ name }) => name);
    expect([applied, applied.at(-1)]).toEqual([MIGRATIONS, newest]);
    // Nothing is left to do.
    const again = await deploy(cloud, ["--name", older]);
    expect([again.code, again.output]).toEqual([0, expect.stringContaining("exists")]);
  });
});

describe("npm run deploy -- --dry-run", () => {
  it("needs no account, and prints the plan, the size of the bundle within its budget, and the time of the start", async () => {
    const calls = cloud.calls.length;
    const { code, output } = await deploy(cloud, ["--dry-run"]);
    expect(output).toMatch(/Bundle: \d\.\d\d MiB gzipped \(budget: 5\.5 MiB\)/);
    expect(output).toMatch(/Start on this machine: [\d.]+ ms/);
    expect([code, cloud.calls.length]).toEqual([0, calls]);
  });
});
