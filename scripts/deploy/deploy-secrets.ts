import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeployTarget } from "./deploy-target.ts";

const FOLDER = join(import.meta.dirname, "../../.tiltyard/deploy");
/** What the Worker cannot run without. */
const REQUIRED = ["SETUP_TOKEN", "SEALING_KEY"] as const;

type Secrets = Partial<Record<(typeof REQUIRED)[number], string>>;

/** Where the secrets of a target are kept on this machine, so that a deploy that was cut off goes on with the same ones. */
export function secretsFile({ name }: DeployTarget): string {
  return join(FOLDER, `${name}.json`);
}

/**
 * The secrets that the Worker lacks: from the environment, from an earlier attempt, else made. They are written to the file of the
 * target, which only its owner can read, and nowhere else. Throws where a new SEALING_KEY would lock out what an older one has sealed,
 * and in CI, where the file is lost.
 */
export async function missingSecrets(
  target: DeployTarget,
  present: readonly string[],
  hasUsers: boolean,
): Promise<Secrets> {
  const file = secretsFile(target);
  const kept: Secrets = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as Secrets,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return {};
      throw error;
    },
  );
  const missing: Secrets = {};
  for (const name of REQUIRED.filter((one) => !present.includes(one))) {
    const given = process.env[name] ?? kept[name];
    if (given === undefined && name === "SEALING_KEY" && hasUsers)
      throw new Error(
        "The Worker has lost its SEALING_KEY, and what was sealed with it opens with no other one. Set SEALING_KEY to it.",
      );
    if (given === undefined && process.env["GITHUB_ACTIONS"] === "true")
      throw new Error(
        `Set ${name} in the environment for the first deploy: what is made here would be lost with this machine.`,
      );
    missing[name] = given ?? randomBytes(24).toString("base64url");
  }
  if (Object.keys(missing).length > 0) {
    await mkdir(FOLDER, { recursive: true });
    await writeFile(file, JSON.stringify({ ...kept, ...missing }, null, 2), { mode: 0o600 });
  }
  return missing;
}
