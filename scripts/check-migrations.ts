import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { type Migration, migrationLosses } from "./migration-losses.ts";

/**
 * Fails when a schema.ts says something that the migrations do not, because then `npm run migrations` was forgotten, and when a migration
 * would lose what is stored.
 */
const ROOT = resolve(import.meta.dirname, "..");
const copy = await mkdtemp(join(tmpdir(), "migrations-"));
try {
  await cp(join(ROOT, "migrations"), copy, { recursive: true });
  const before = await readMigrations(copy);
  for (const loss of migrationLosses(before)) fail(loss);
  const drizzleKit = join(ROOT, "node_modules/drizzle-kit/bin.cjs");
  const args = ["generate", "--dialect", "sqlite", "--schema", "./src/*/schema.ts", "--out", relative(ROOT, copy)];
  await promisify(execFile)(process.execPath, [drizzleKit, ...args], { cwd: ROOT });
  if ((await readMigrations(copy)).length > before.length) {
    fail("The schemas and the migrations differ. Run `npm run migrations` and commit what it makes.");
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  return Promise.all(names.map(async (name) => ({ name, sql: await readFile(join(folder, name), "utf8") })));
}

function fail(reason: string): void {
  console.error(reason);
  process.exitCode = 1;
}
