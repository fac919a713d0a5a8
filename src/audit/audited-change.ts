import { eq, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "../db.ts";
import { insertWhere } from "../insert-where.ts";
import { type Actor, type Change, entryOf } from "./audit.ts";
import { auditEntries } from "./schema.ts";

/** The part of a verb's context that a change needs. */
interface ChangeContext {
  db: Database;
  caller: Actor;
  nowMs: number;
}

type Statement = BatchItem<"sqlite">;

/**
 * Makes a change and writes its audit entry in one batch of the store: both or neither, even if the process stops in between. The
 * condition of `write` is the guard. Where it changes no row, nothing is logged and what follows does nothing either: `also` are further
 * statements, and each takes the condition `happened` into its own. Answers what `write` returns, so an empty list says that the guard
 * did not hold.
 */
export async function auditedChange<Write extends Statement>(
  { db, caller, nowMs }: ChangeContext,
  write: Write,
  change: Change | readonly [Change, ...Change[]],
  also: (happened: SQL) => Statement[] = () => [],
): Promise<Write["_"]["result"]> {
  const changes: readonly Change[] = "action" in change ? [change] : change;
  const entries = changes.map((each) => entryOf(caller, each, nowMs));
  // changes() counts the rows of the statement before: of the guarded write, then of the entry before.
  const logged = entries.map((entry) => insertWhere(db, auditEntries, entry, sql`changes() > 0`));
  const happened = sql`exists (select 1 from ${auditEntries} where ${eq(auditEntries.id, entries[0]?.id ?? "")})`;
  const [result] = await db.batch([write, ...logged, ...also(happened)]);
  return result;
}
