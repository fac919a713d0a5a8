import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { z } from "zod";
import type { Database } from "../db.ts";
import type { UserCaller } from "./caller.ts";
import type { Credential } from "./credential-cache.ts";
import { apiKeys, personalTokens, sessions, users } from "./schema.ts";

// `members` belongs to projects, which builds on access: it is named here and not imported. Needs `users` in a join.
const roles = sql<string>`(select json_group_object("projectId", "role") from "members" where "members"."userId" = ${users.id})`;
const rolesSchema = z.record(z.string(), z.enum(["admin", "contributor", "viewer", "end_user"]));

const userColumns = { userId: users.id, email: users.email, name: users.name, instanceRole: users.role, roles };

/** The personal token with this SHA-256; null when there is none, it has expired, or its user is deactivated. */
export async function findPersonalToken(db: Database, tokenHash: string, nowMs: number): Promise<Credential | null> {
  const row = await db
    .select({
      id: personalTokens.id,
      expiresAt: personalTokens.expiresAt,
      lastUsedAt: personalTokens.lastUsedAt,
      ...userColumns,
    })
    .from(personalTokens)
    .innerJoin(users, eq(users.id, personalTokens.userId))
    .where(
      and(
        eq(personalTokens.tokenHash, tokenHash),
        isAlive(personalTokens.expiresAt, nowMs),
        isNull(users.deactivatedAt),
      ),
    )
    .get();
  if (!row) return null;
  return { id: row.id, caller: userCaller(row, "token"), expiresAt: row.expiresAt, lastUsedAt: row.lastUsedAt };
}

/** The API key with this SHA-256; null when there is none or it has expired. */
export async function findApiKey(db: Database, keyHash: string, nowMs: number): Promise<Credential | null> {
  const row = await db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.keyHash, keyHash), isAlive(apiKeys.expiresAt, nowMs)))
    .get();
  if (!row) return null;
  return {
    id: row.id,
    caller: { kind: "key", keyId: row.id, deploymentId: row.deploymentId },
    expiresAt: row.expiresAt,
    lastUsedAt: row.lastUsedAt,
  };
}

/** Who is signed in by the session with this SHA-256; null when it has ended or its user is deactivated. */
export async function findSessionCaller(db: Database, tokenHash: string, nowMs: number): Promise<UserCaller | null> {
  const row = await db
    .select(userColumns)
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.tokenHash, tokenHash), gt(sessions.expiresAt, nowMs), isNull(users.deactivatedAt)))
    .get();
  return row ? userCaller(row, "session") : null;
}

function isAlive(expiresAt: SQLiteColumn, nowMs: number) {
  return or(isNull(expiresAt), gt(expiresAt, nowMs));
}

type UserRow = Pick<UserCaller, "userId" | "email" | "name" | "instanceRole"> & { roles: string };

function userCaller({ userId, email, name, instanceRole, roles: json }: UserRow, via: UserCaller["via"]): UserCaller {
  const byProject = rolesSchema.parse(JSON.parse(json));
  return { kind: "user", userId, email, name, instanceRole, roles: new Map(Object.entries(byProject)), via };
}
