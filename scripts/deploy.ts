import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { buildStatic } from "./build-static.ts";
import {
  accountOf,
  findOrCreateBucket,
  findOrCreateDatabase,
  hasUsersIn,
  secretsOf,
  tokenOf,
} from "./deploy/account.ts";
import { CloudflareApi } from "./deploy/cloudflare-api.ts";
import { missingSecrets, secretsFile } from "./deploy/deploy-secrets.ts";
import { readArguments, writeConfig } from "./deploy/deploy-target.ts";
import { dryRun } from "./deploy/dry-run.ts";
import { wrangler } from "./deploy/wrangler.ts";

const HEALTHY_MS_MAX = 120_000;
const AGAIN_MS = 2_000;

/**
 * `npm run deploy`: brings this code to Cloudflare. Each step looks at what is there first, so that a deploy that was cut off is
 * simply repeated, and so is an upgrade. Migrations come before the code that needs them.
 */
async function deploy(words: readonly string[]): Promise<void> {
  const { isDryRun, target } = readArguments(words);
  if (isDryRun) return dryRun(target);
  const say = (line: string): void => console.log(line);
  const api = new CloudflareApi(await tokenOf());
  const account = await accountOf(api);
  say(`Account: ${account.name}`);
  const present = await secretsOf(api, account, target.name);
  say(present === null ? `Worker ${target.name}: new` : `Worker ${target.name}: upgrade`);
  const database = await findOrCreateDatabase(api, account, target.name, say);
  await findOrCreateBucket(api, account, target.name, say);
  const hasUsers = !database.isNew && (await hasUsersIn(api, account, database.id));
  const secrets = await missingSecrets(target, present ?? [], hasUsers);
  await writeConfig(target, database.id);
  const env = { CLOUDFLARE_ACCOUNT_ID: account.id };
  const config = ["--config", target.configFile];
  say("Applying migrations …");
  await wrangler(["d1", "migrations", "apply", target.name, "--remote", ...config], env);
  say("Building and uploading …");
  await buildStatic();
  const build = randomUUID().slice(0, 8);
  const file = join(tmpdir(), `tiltyard-secrets-${build}.json`);
  try {
    await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
    const sent = Object.keys(secrets).length > 0 ? ["--secrets-file", file] : [];
    const origin = process.env["ORIGIN"] ? ["--var", `ORIGIN:${process.env["ORIGIN"]}`] : [];
    await wrangler(["deploy", ...config, "--var", `BUILD:${build}`, ...origin, ...sent], env);
  } finally {
    await rm(file, { force: true });
  }
  const url = process.env["ORIGIN"] || (await account.urlOf(target.name));
  say(`Waiting until ${url} runs version ${manifest.version}, build ${build} …`);
  await healthy(url, build);
  say(`\nTiltyard ${manifest.version} runs at ${url}`);
  if (secrets.SETUP_TOKEN !== undefined && !hasUsers) {
    say(`\n  Set it up at ${url}/setup with the setup token in ${secretsFile(target)}.`);
    say("  That file also has the sealing key. Move both to where you keep secrets, then delete it.");
  }
}

/** Resolves once the address answers with the new build; throws with its last answer after two minutes. */
async function healthy(url: string, build: string): Promise<void> {
  const end = Date.now() + HEALTHY_MS_MAX;
  let last = "no answer";
  while (Date.now() < end) {
    const response = await fetch(`${url}/health`).catch((error: unknown) => String(error));
    last = typeof response === "string" ? response : `${response.status} ${await response.text()}`;
    if (typeof response !== "string" && response.status === 200 && last.includes(build)) return;
    await new Promise((next) => setTimeout(next, AGAIN_MS));
  }
  throw new Error(
    `The Worker was uploaded, but ${url}/health does not report the new build: ${last}. Run npm run deploy again.`,
  );
}

try {
  await deploy(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
