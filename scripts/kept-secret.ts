import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A secret of a data directory: `given` where it is set, else 32 random bytes, made once and kept in the file `name`. */
export async function keptSecret(dataDir: string, name: string, given: string | undefined): Promise<string> {
  if (given) return given;
  const file = join(dataDir, name);
  if (existsSync(file)) return (await readFile(file, "utf8")).trim();
  const secret = randomBytes(32).toString("base64url");
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
