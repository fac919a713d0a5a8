import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";

export type Database = DrizzleD1Database;

/** The metadata store. D1 has no transactions: statements that belong together go through `db.batch`. */
export function database(env: Pick<Env, "DB">): Database {
  return drizzle(env.DB);
}
