import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,52}[a-z0-9])?$/;

/** Where a deploy goes: the Worker, and the names of what belongs to it. */
export interface DeployTarget {
  /** Of the Worker, its database and its bucket. */
  name: string;
  /** Wrangler's configuration for it, next to wrangler.toml. */
  configFile: string;
}

/** What `npm run deploy --` was told. Throws for what it does not know. */
export function readArguments(words: readonly string[]): { isDryRun: boolean; target: DeployTarget } {
  let isDryRun = false;
  let name = "";
  let environment = "";
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === "--dry-run") isDryRun = true;
    else if (word === "--name" || word === "--env") {
      const value = words[(index += 1)];
      if (value === undefined) throw new Error(`${word} needs a name.`);
      if (word === "--name") name = value;
      else environment = value;
    } else throw new Error(`Unknown argument: ${word}. Known are --dry-run, --env NAME and --name NAME.`);
  }
  const whole = [name || "tiltyard", environment].filter((part) => part !== "").join("-");
  if (!NAME.test(whole))
    throw new Error(`"${whole}" cannot be the name of a Worker. Use up to 54 lower-case letters, digits and hyphens.`);
  return { isDryRun, target: { name: whole, configFile: join(ROOT, `wrangler.deploy-${whole}.toml`) } };
}

/** Writes the configuration of a target: wrangler.toml with its names, and with the id of its database once that exists. */
export async function writeConfig({ name, configFile }: DeployTarget, databaseId: string | null): Promise<void> {
  let text = await readFile(join(ROOT, "wrangler.toml"), "utf8");
  const put = (pattern: RegExp, line: string): void => {
    if (!pattern.test(text)) throw new Error(`wrangler.toml has no line ${String(pattern)}.`);
    text = text.replace(pattern, line);
  };
  put(/^name = "tiltyard"$/m, `name = "${name}"`);
  put(/^database_name = .*$/m, `database_name = "${name}"`);
  put(/^database_id = .*$/m, databaseId === null ? "" : `database_id = "${databaseId}"`);
  put(/^bucket_name = .*$/m, `bucket_name = "${name}"`);
  put(/^name = "tiltyard-runs"$/m, `name = "${name}-runs"`);
  await writeFile(configFile, `# Written by npm run deploy.\n${text}`);
}
