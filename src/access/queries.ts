import { and, desc, eq } from "drizzle-orm";
import type { Database } from "../db.ts";
import type { PageRequest } from "../http.ts";
import { requireInstanceAdmin } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import { behindCursor, listPage, type ListPage } from "./list-cursor.ts";
import { users } from "./schema.ts";
import type { User } from "./user-json.ts";

const userColumns = {
  id: users.id,
  email: users.email,
  name: users.name,
  role: users.role,
  createdAt: users.createdAt,
  deactivatedAt: users.deactivatedAt,
};

/** False until the instance has been set up. */
export async function hasUsers(db: Database): Promise<boolean> {
  const first = await db.select({ id: users.id }).from(users).limit(1).get();
  return first !== undefined;
}

/** The user with this id; null when there is none. */
export async function findUser(db: Database, id: string): Promise<User | null> {
  return (await db.select(userColumns).from(users).where(eq(users.id, id)).get()) ?? null;
}

/** All users of the instance, newest first; 403 for who is no admin of it. */
export async function listUsers(db: Database, caller: Caller, page: PageRequest): Promise<ListPage<User>> {
  requireInstanceAdmin(caller);
  const rows = await db
    .select(userColumns)
    .from(users)
    .where(and(behindCursor(users.createdAt, users.id, page)))
    .orderBy(desc(users.createdAt), desc(users.id))
    .limit(page.limit + 1);
  return listPage(rows, page);
}
