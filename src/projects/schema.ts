import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "../access/schema.ts";

export const projects = sqliteTable("projects", {
  id: text().primaryKey(),
  slug: text().notNull().unique(),
  name: text().notNull(),
  description: text().notNull().default(""),
  createdBy: text().notNull(),
  createdAt: integer().notNull(),
  /** Set: nobody finds it any more, and the removal job has work to do until the row is gone. */
  deletedAt: integer(),
});

export const members = sqliteTable(
  "members",
  {
    projectId: text()
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text({ enum: ["admin", "contributor", "viewer", "end_user"] }).notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.userId] }), index("members_user").on(table.userId)],
);
