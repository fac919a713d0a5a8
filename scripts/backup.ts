import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";

/** What a start makes anew, and what only holds for the process that wrote it. */
const LEFT_OUT = new Set(["worker", "processes.json", "cache", "ratelimit"]);
const ATTEMPTS = 5;

/**
 * Copies a data directory into one file, also while its instance runs. Each database is copied at one moment. Objects come before the
 * metadata, and that before files: what an object has handed on is then in the copy twice, never missing, and is written again by the
 * same names. So everything that was answered before the backup began is in it. Throws where the directory is none, or the file exists.
 */
export async function backUp(dataDir: string, file: string): Promise<void> {
  if (!existsSync(join(dataDir, "store")))
    throw new Error(`${dataDir} has no store. Set DATA_DIR to that of the instance.`);
  if (existsSync(file)) throw new Error(`${file} exists. Choose another name, or remove it.`);
  const folder = await mkdtemp(join(tmpdir(), "tiltyard-backup-"));
  try {
    const parts = (await readdir(join(dataDir, "store"))).filter((part) => !LEFT_OUT.has(part));
    const last = ["d1", "r2"];
    for (const part of [...parts.filter((one) => !last.includes(one)), ...last.filter((one) => parts.includes(one))])
      await (part === "r2"
        ? copyFiles(dataDir, folder)
        : copyFolder(join(dataDir, "store", part), join(folder, "store", part)));
    for (const entry of await readdir(dataDir, { withFileTypes: true }))
      if (entry.isFile() && !LEFT_OUT.has(entry.name))
        await copyFile(join(dataDir, entry.name), join(folder, entry.name));
    // A reader of the file never sees half of it.
    const half = join(dirname(file), `.${basename(file)}.part`);
    await promisify(execFile)("tar", ["-czf", half, "-C", folder, "."]);
    await rename(half, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Files of the bucket and their index. A file that was replaced while they were copied is missing at the end: then they are copied again.
 */
async function copyFiles(dataDir: string, folder: string): Promise<void> {
  const [from, to] = [join(dataDir, "store/r2"), join(folder, "store/r2")];
  for (let attempt = 1; ; attempt += 1) {
    await copyFolder(from, to);
    const missing = await missingBlobs(to);
    if (missing === 0) return;
    if (attempt === ATTEMPTS)
      throw new Error(`${missing} stored files changed while they were copied, ${ATTEMPTS} times. Try again.`);
  }
}

async function missingBlobs(r2: string): Promise<number> {
  const index = join(r2, "miniflare-R2BucketObject");
  let missing = 0;
  for (const name of (await readdir(index)).filter((one) => one.endsWith(".sqlite") && one !== "metadata.sqlite")) {
    const database = new DatabaseSync(join(index, name), { readOnly: true });
    const blobs = database
      .prepare(
        "select blob_id as id from _mf_objects where blob_id is not null union select blob_id from _mf_multipart_parts",
      )
      .all();
    database.close();
    const present = new Set((await readdir(r2)).flatMap((bucket) => (bucket.startsWith("miniflare-") ? [] : [bucket])));
    for (const { id } of blobs)
      if (![...present].some((bucket) => existsSync(join(r2, bucket, "blobs", String(id))))) missing += 1;
  }
  return missing;
}

/** Copies a folder: databases by SQLite, so that each is as it was at one moment, and other files as they are. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const entries = await readdir(from, { withFileTypes: true });
  // The index comes before what it names.
  entries.sort((one, other) => Number(other.name.startsWith("miniflare-")) - Number(one.name.startsWith("miniflare-")));
  for (const entry of entries) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, copy);
    else if (entry.name.endsWith(".sqlite")) await copyDatabase(source, copy);
    else if (!/\.sqlite-(wal|shm)$/.test(entry.name)) await copyIfThere(source, copy);
  }
}

async function copyDatabase(source: string, copy: string): Promise<void> {
  await rm(copy, { force: true });
  const database = new DatabaseSync(source, { readOnly: true });
  try {
    await backup(database, copy);
  } finally {
    database.close();
  }
}

/** A file that was removed since the folder was listed is no longer of the store. */
async function copyIfThere(source: string, copy: string): Promise<void> {
  try {
    await copyFile(source, copy);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

/** Unpacks a backup into a data directory that has nothing in it yet. Throws where it has. */
export async function restore(file: string, dataDir: string): Promise<void> {
  if (!existsSync(file)) throw new Error(`${file} does not exist.`);
  await mkdir(dataDir, { recursive: true });
  if ((await readdir(dataDir)).length > 0)
    throw new Error(`${dataDir} is not empty. Set DATA_DIR to a new directory, or remove it.`);
  await promisify(execFile)("tar", ["-xzf", file, "-C", dataDir]);
  if (!existsSync(join(dataDir, "store"))) throw new Error(`${file} is not a backup of Tiltyard.`);
}

/** `npm run backup -- FILE` and `npm run restore -- FILE`. */
async function run([verb, name, ...others]: readonly string[]): Promise<void> {
  if (name === undefined || others.length > 0) throw new Error(`Name one file: npm run ${verb} -- FILE`);
  const dataDir = resolve(process.env["DATA_DIR"] ?? ".tiltyard");
  const file = resolve(name);
  await (verb === "restore" ? restore(file, dataDir) : backUp(dataDir, file));
  console.log(
    verb === "restore"
      ? `Restored to ${dataDir}. npm start opens it.`
      : `Wrote ${file}. It holds the sealing key: keep it safe.`,
  );
}

if (import.meta.main) {
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
