import { env } from "cloudflare:workers";

// What a request may leave behind without having changed anything.
const TRACES = new Set(["lastUsedAt"]);

/** Everything that is stored but records: row for row, and the names of the files. Two are equal when nothing was changed between them. */
export async function storedState(): Promise<Record<string, unknown>> {
  const tables = await env.DB.prepare(
    "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like '_cf_%' order by name",
  ).all<{ name: string }>();
  const names = tables.results.map(({ name }) => name).filter((name) => name !== "deployment_hosts");
  const rows = await env.DB.batch<Record<string, unknown>>(
    names.map((name) => env.DB.prepare(`select * from "${name}" order by rowid`)),
  );
  const state = names.map((name, index) => [name, (rows[index]?.results ?? []).map(withoutTraces)]);
  return { ...Object.fromEntries(state), files: (await env.STORE.list()).objects.map(({ key }) => key) };
}

function withoutTraces(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !TRACES.has(column)));
}
