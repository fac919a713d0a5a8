import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildStatic } from "../build-static.ts";
import { type DeployTarget, writeConfig } from "./deploy-target.ts";
import { wrangler } from "./wrangler.ts";

/** Cloudflare takes larger Workers on paid plans; a bundle beyond this has grown by accident. */
const GZIP_KIB_MAX = 5.5 * 1024;

/**
 * Prints what a deploy would do, the size of the bundle and the time of its start on this machine. Needs no account. Throws past the
 * budget.
 */
export async function dryRun(target: DeployTarget): Promise<void> {
  console.log(`npm run deploy would
  1. check the login and the permissions of the token
  2. create the D1 database ${target.name} and the R2 bucket ${target.name}, unless they exist
  3. make SETUP_TOKEN and SEALING_KEY, unless the Worker has them
  4. apply the migrations in migrations/ that the database lacks
  5. upload the Worker ${target.name}, its Durable Objects, the Workflow ${target.name}-runs, and a cron trigger for each minute
  6. wait until /health reports the new build
`);
  await buildStatic();
  await writeConfig(target, "00000000-0000-0000-0000-000000000000");
  const profile = join(tmpdir(), `tiltyard-startup-${process.pid}.cpuprofile`);
  try {
    const output = await wrangler(["check", "startup", "--outfile", profile, "--config", target.configFile], {
      SETUP_TOKEN: "made at the deploy",
      SEALING_KEY: "made at the deploy",
    });
    const kib = Number(/gzip: ([\d.]+) KiB/.exec(output)?.[1]);
    const startMs = /Active: ([\d.]+) ms/.exec(output)?.[1];
    if (!Number.isFinite(kib)) throw new Error(`Wrangler did not say how large the bundle is:\n${output}`);
    console.log(`Bundle: ${(kib / 1024).toFixed(2)} MiB gzipped (budget: ${GZIP_KIB_MAX / 1024} MiB)`);
    console.log(`Start on this machine: ${startMs ?? "not measured"} ms of work (limit on Cloudflare: 1,000 ms)`);
    if (kib > GZIP_KIB_MAX) throw new Error("The bundle is over its budget.");
  } finally {
    await Promise.all([rm(profile, { force: true }), rm(target.configFile, { force: true })]);
  }
}
