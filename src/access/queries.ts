import { and, desc, eq, exists, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { PageRequest } from "../http.ts";
import { requireInstanceAdmin } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import { behindCursor, listPage, type ListPage } from "../list-cursor.ts";
import { NO_PASSWORD } from "./password.ts";
import { invitations, users } from "./schema.ts";
import type { ManagedUser, User } from "./user-json.ts";

/** What other code may hold of a user. */
export const userColumns = {
  id: users.id,
  email: users.email,
  name: users.name,
  role: users.role,
  createdAt: users.createdAt,
  deactivatedAt: users.deactivatedAt,
};

const managedColumns = {
  ...userColumns,
  hasPassword: sql<boolean>`${users.passwordHash} <> ${NO_PASSWORD}`.mapWith(Boolean),
  invitationExpiresAt: invitations.expiresAt,
};

/** Selects users as an admin of the instance sees them. Asks for no right. */
export function managedUsers(db: Database) {
  return db.select(managedColumns).from(users).leftJoin(invitations, eq(invitations.userId, users.id));
}

/** False until the instance has been set up. */
export async function hasUsers(db: Database): Promise<boolean> {
  const first = await db.select({ id: users.id }).from(users).limit(1).get();
  return first !== undefined;
}

/** The condition under which a write may give the user something new: they exist and are not deactivated. */
export function isActive(db: Database, userId: string): SQL {
  return exists(
    db
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, userId), isNull(users.deactivatedAt))),
  );
}

/** The user with this id; null when there is none. */
export async function findUser(db: Database, id: string): Promise<User | null> {
  return (await db.select(userColumns).from(users).where(eq(users.id, id)).get()) ?? null;
}

/** All users of the instance, newest first; 403 for who is no admin of it. */
export async function listUsers(db: Database, caller: Caller, page: PageRequest): Promise<ListPage<ManagedUser>> {
  requireInstanceAdmin(caller);
  const rows = await managedUsers(db)
    .where(behindCursor(users.createdAt, users.id, page))
    .orderBy(desc(users.createdAt), desc(users.id))
    .limit(page.limit + 1);
  return listPage(rows, page);
}

/** The user with this id, for an admin of the instance: 403 for anybody else, 404 when there is none. */
export async function requireManagedUser(db: Database, caller: Caller, id: string): Promise<ManagedUser> {
  requireInstanceAdmin(caller);
  const user = await managedUsers(db).where(eq(users.id, id)).get();
  if (!user) throw noSuchUser();
  return user;
}

export function noSuchUser(): AppError {
  return new AppError("not_found", "User not found.");
}
