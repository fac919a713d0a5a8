import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

const ROOT = resolve(import.meta.dirname, "..");
const MIGRATIONS = join(ROOT, "migrations");

type D1 = Awaited<ReturnType<Miniflare["getD1Database"]>>;

/**
 * Brings the metadata store at `resourcePersistencePath` up to date before a Worker can be asked, and makes the links in messages about
 * runs lead to ORIGIN or `url` instead of an earlier start's address. Answers whether the store has users. Repeating is safe.
 */
export async function prepareStore(resourcePersistencePath: string, url: string): Promise<{ hasUsers: boolean }> {
  const { d1Databases } = unstable_getMiniflareWorkerOptions(join(ROOT, "wrangler.toml")).workerOptions;
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      name: "tiltyard",
      modules: true,
      script: "export default {}",
      // As the same package made them of wrangler.toml.
      d1Databases: d1Databases as Record<string, string>,
      host: "127.0.0.1",
      port: 0,
      cf: false,
    }),
    resourcePersistencePath,
  });
  try {
    const db = await miniflare.getD1Database("DB");
    await applyMigrations(db);
    const onThisMachine = "http://127.0.0.1:%";
    const origin = process.env["ORIGIN"] || url;
    await db.prepare("update pipelines set origin = ? where origin like ?").bind(origin, onThisMachine).run();
    return { hasUsers: (await db.prepare("select 1 from users limit 1").first()) !== null };
  } finally {
    await miniflare.dispose();
  }
}

/** Applies what of `migrations/` is not applied yet, in the table that `wrangler d1 migrations` keeps too. */
async function applyMigrations(db: D1): Promise<void> {
  await db.exec(
    "create table if not exists d1_migrations (id integer primary key autoincrement, name text unique, applied_at timestamp default current_timestamp not null)",
  );
  const { results } = await db.prepare("select name from d1_migrations").all<{ name: string }>();
  const done = new Set(results.map(({ name }) => name));
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith(".sql")).sort();
  for (const file of files.filter((name) => !done.has(name))) {
    const sql = await readFile(join(MIGRATIONS, file), "utf8");
    const statements = sql.split("--> statement-breakpoint").map((statement) => statement.trim());
    await db.batch([
      ...statements.filter((statement) => statement !== "").map((statement) => db.prepare(statement)),
      db.prepare("insert into d1_migrations (name) values (?)").bind(file),
    ]);
  }
}
