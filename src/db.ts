import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";

export type Database = DrizzleD1Database;

/** The metadata store. D1 has no transactions: statements that belong together go through `db.batch`. */
export function database(env: Pick<Env, "DB">): Database {
  const present = databases.get(env.DB);
  if (present) return present;
  const made = drizzle(env.DB);
  databases.set(env.DB, made);
  return made;
}

/** One a binding: making one costs more than a prediction should pay. */
const databases = new WeakMap<D1Database, Database>();
