import { integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What the process of the local runner used, sampled from outside each minute. Empty on Cloudflare. */
export const processSamples = sqliteTable("process_samples", {
  /** End of the sampled time, UTC ms. */
  at: integer().primaryKey(),
  /** CPU time that the process used since the sample before, ms. */
  cpuMs: real().notNull(),
  /** Resident memory at the end of it. */
  rssBytes: integer().notNull(),
});

/** CPU time that Cloudflare billed for an object, by hour: what the Tail Worker saw. Empty on one's own machine. */
export const billedCpu = sqliteTable(
  "billed_cpu",
  {
    objectId: text().notNull(),
    /** Start of the hour, UTC ms. */
    start: integer().notNull(),
    cpuMs: real().notNull(),
    invocations: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.objectId, table.start] })],
);
