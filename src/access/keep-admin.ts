import { sql, type SQL } from "drizzle-orm";
import { AppError } from "../errors.ts";
import { NO_PASSWORD } from "./password.ts";
import { users } from "./schema.ts";

/**
 * The condition under which a write on the row of `users` may take its user's part as an admin away: the user has no such part,
 * or somebody else has. It stands in the write itself, so that two admins who go at the same time cannot both succeed.
 * An admin who was invited and has no password yet does not count: the invitation may never be accepted.
 */
export function anAdminStays(userId: string): SQL {
  return sql`(not ${isAbleAdmin("users")} or exists (
    select 1 from ${users} as "others" where "others"."id" <> ${userId} and ${isAbleAdmin("others")}))`;
}

function isAbleAdmin(table: "users" | "others"): SQL {
  const column = (name: string) => sql`${sql.identifier(table)}.${sql.identifier(name)}`;
  return sql`(${column(users.role.name)} = 'admin' and ${column(users.deactivatedAt.name)} is null
    and ${column(users.passwordHash.name)} <> ${NO_PASSWORD})`;
}

export function lastAdmin(): AppError {
  return new AppError(
    "conflict",
    "The instance keeps at least one active admin who has a password. Make another user admin first.",
  );
}
