import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const users = sqliteTable("users", {
  id: text().primaryKey(),
  email: text().notNull().unique(),
  name: text().notNull(),
  /** `scrypt$N$r$p$salt$hash`, base64url; `none` until an invitation has been accepted. */
  passwordHash: text().notNull(),
  role: text({ enum: ["admin", "member"] }).notNull(),
  createdAt: integer().notNull(),
  deactivatedAt: integer(),
});

/** A link by which a user sets a password: one use, and it expires. A new one takes the place of the old. */
export const invitations = sqliteTable("invitations", {
  userId: text()
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  /** SHA-256 of the secret in the link. */
  tokenHash: text().notNull().unique(),
  createdBy: text().notNull(),
  createdAt: integer().notNull(),
  expiresAt: integer().notNull(),
});

export const sessions = sqliteTable(
  "sessions",
  {
    /** SHA-256 of the cookie's value: the value itself is never stored. */
    tokenHash: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: integer().notNull(),
    expiresAt: integer().notNull(),
  },
  (table) => [index("sessions_user").on(table.userId)],
);

export const personalTokens = sqliteTable(
  "personal_tokens",
  {
    id: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text().notNull(),
    prefix: text().notNull(),
    tokenHash: text().notNull().unique(),
    createdAt: integer().notNull(),
    expiresAt: integer(),
    lastUsedAt: integer(),
  },
  (table) => [index("personal_tokens_user").on(table.userId)],
);

export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text().primaryKey(),
    /** Of deployments; the removal of a deployment takes its keys along. */
    deploymentId: text().notNull(),
    name: text().notNull(),
    prefix: text().notNull(),
    keyHash: text().notNull().unique(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
    expiresAt: integer(),
    lastUsedAt: integer(),
  },
  (table) => [index("api_keys_deployment").on(table.deploymentId)],
);
