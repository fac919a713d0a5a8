import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";

/** Fails when a schema.ts says something that the migrations do not: then `npm run migrations` was forgotten. */
const ROOT = resolve(import.meta.dirname, "..");
const copy = await mkdtemp(join(tmpdir(), "migrations-"));
try {
  await cp(join(ROOT, "migrations"), copy, { recursive: true });
  const before = await sqlFiles(copy);
  const drizzleKit = join(ROOT, "node_modules/drizzle-kit/bin.cjs");
  const args = ["generate", "--dialect", "sqlite", "--schema", "./src/*/schema.ts", "--out", relative(ROOT, copy)];
  await promisify(execFile)(process.execPath, [drizzleKit, ...args], { cwd: ROOT });
  const added = (await sqlFiles(copy)).filter((file) => !before.includes(file));
  if (added.length > 0) {
    console.error("The schemas and the migrations differ. Run `npm run migrations` and commit what it makes.");
    process.exitCode = 1;
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}

async function sqlFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((file) => file.endsWith(".sql"));
}
