import postgres from "postgres";
import { inject } from "vitest";

const { password, ...server } = inject("postgres");

/** What the tests themselves ask PostgreSQL with, beside the product's own connections; `end` it when the file is done. */
export function postgresClient({ database = server.database, max = 1 } = {}): postgres.Sql {
  return postgres({
    ...server,
    database,
    password,
    ssl: server.tls,
    max,
    fetch_types: false,
    onnotice: () => undefined,
  });
}
