import { and, eq, lt, or, type SQL } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { z } from "zod";
import { invalid } from "./errors.ts";
import type { PageRequest } from "./http.ts";

/** What a list that shows the newest first is ordered by; the id settles what was made in the same millisecond. */
interface Place {
  createdAt: number;
  id: string;
}

/** One page of a list; `nextCursor` is null on the last one. */
export interface ListPage<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The condition for what comes behind the cursor in a list ordered by creation and id, newest first. 422 for an invalid cursor. */
export function behindCursor(createdAt: SQLiteColumn, id: SQLiteColumn, page: PageRequest): SQL | undefined {
  if (page.cursor === null) return undefined;
  const [ms, lastId] = readCursor(page.cursor);
  return or(lt(createdAt, ms), and(eq(createdAt, ms), lt(id, lastId)));
}

/** Cuts a page out of rows that were read with `limit + 1`. */
export function listPage<Item extends Place>(rows: Item[], page: PageRequest): ListPage<Item> {
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  const hasMore = rows.length > page.limit && last !== undefined;
  return { items, nextCursor: hasMore ? `${last.createdAt}.${last.id}` : null };
}

/** The JSON of a list as every endpoint answers it. */
export function listJson<Item, Json>(page: ListPage<Item>, toJson: (item: Item) => Json) {
  return { items: page.items.map(toJson), next_cursor: page.nextCursor };
}

/** The schema of a list's JSON, for the document. */
export function listSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** `?limit=&cursor=`, for the document; `pageRequest` reads them. */
export const listQuery = z.object({
  limit: z.string().optional().describe("Items per page. Default: 50, at most 500"),
  cursor: z.string().optional().describe("`next_cursor` of the previous page"),
});

/** A cursor is `<ms>.<id>` of the last item that was seen. */
function readCursor(cursor: string): [number, string] {
  const [, ms, id] = /^(\d{1,15})\.(\w{1,60})$/.exec(cursor) ?? [];
  if (ms !== undefined && id !== undefined) return [Number(ms), id];
  throw invalid("cursor", "Invalid cursor. Send the next_cursor of the previous page unchanged.", "invalid cursor");
}
