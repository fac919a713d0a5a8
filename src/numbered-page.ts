import type { PageRequest } from "./http.ts";
import { listPage, type ListPage } from "./list-cursor.ts";

/**
 * Cuts a page out of rows that were read with `limit + 1` in a list ordered by number, the highest first. Its cursor fits
 * `behindCursor` of the columns `number` and `id`: versions get their numbers in the order in which they are written, which
 * need not be that of their times.
 */
export function numberedPage<Item extends { number: number; id: string }>(
  rows: Item[],
  page: PageRequest,
): ListPage<Item> {
  const placed = rows.map((row) => ({ createdAt: row.number, id: row.id, row }));
  const { items, nextCursor } = listPage(placed, page);
  return { items: items.map(({ row }) => row), nextCursor };
}
