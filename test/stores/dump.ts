import { env } from "cloudflare:workers";

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

interface Item {
  type: string;
  name: string;
  sql: string;
}

/** Everything in a SQLite store as statements that write it again: tables with their rows, then indexes and triggers. */
async function dump(query: Query): Promise<string> {
  const items = (await query(
    `select type, name, sql from sqlite_master
     where sql is not null and name not like 'sqlite\\_%' escape '\\' and name not like '\\_cf\\_%' escape '\\' order by rowid`,
  )) as unknown as Item[];
  const tables = items.filter(({ type }) => type === "table");
  const rows = await Promise.all(tables.map(({ name }) => dumpRows(query, name)));
  const rest = items.filter(({ type }) => type !== "table");
  return [...tables.map(({ sql }) => sql), ...rows.flat(), ...rest.map(({ sql }) => sql)]
    .map((statement) => `${statement};\n`)
    .join("");
}

async function dumpRows(query: Query, table: string): Promise<string[]> {
  const columns = (await query(`select name from pragma_table_info('${table}')`)).map(
    ({ name }) => `"${String(name)}"`,
  );
  const values = columns.map((column) => `quote(${column})`).join(" || ', ' || ");
  const rows = await query(`select ${values} as line from "${table}"`);
  return rows.map(({ line }) => `INSERT INTO "${table}" (${columns.join(", ")}) VALUES (${String(line)})`);
}

/** What a Durable Object stores. */
export function dumpObject({ storage }: DurableObjectState): Promise<string> {
  return dump(async (sql) => storage.sql.exec(sql).toArray());
}

/** What the D1 database stores, the list of its migrations included. */
export function dumpDatabase(): Promise<string> {
  return dump(async (sql) => (await env.DB.prepare(sql).all()).results);
}

/** All objects of the bucket, by key, in base64. */
export async function dumpBucket(): Promise<Record<string, string>> {
  const { objects, truncated } = await env.STORE.list();
  if (truncated) throw new Error("The bucket has more objects than one list gives.");
  const entries = objects.map(async ({ key }): Promise<[string, string]> => {
    const object = await env.STORE.get(key);
    return [key, Buffer.from((await object?.arrayBuffer()) ?? []).toString("base64")];
  });
  return Object.fromEntries(await Promise.all(entries));
}
