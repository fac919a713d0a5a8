import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Who did what to which object. Append-only: triggers of the store refuse to change or delete an entry. Names stand as they were
 * at the time, and nothing refers to another table, so that an entry outlives what it speaks of.
 */
export const auditEntries = sqliteTable(
  "audit_entries",
  {
    id: text().primaryKey(),
    at: integer().notNull(),
    /** null: of the instance, not of one project. */
    projectId: text(),
    actorKind: text({ enum: ["user", "key", "nobody", "system"] }).notNull(),
    actorId: text(),
    /** Email of a user; null for others. */
    actorName: text(),
    /** How the actor was known, and from which network address it came. */
    via: text({ enum: ["session", "token", "key"] }),
    address: text(),
    /** `<object kind>.<verb>`, as in `deployment.create`. */
    action: text().notNull(),
    objectKind: text().notNull(),
    objectId: text().notNull(),
    objectName: text(),
    /** JSON of what has changed, before and after; never a secret. */
    before: text(),
    after: text(),
  },
  (table) => [index("audit_entries_project").on(table.projectId, table.at), index("audit_entries_at").on(table.at)],
);
