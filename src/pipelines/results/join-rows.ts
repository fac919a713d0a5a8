/** Rows of a file, one or more, each with its place among the rows of the source. */
export interface PlacedRows<Row> {
  places: readonly number[];
  rows: readonly Row[];
}

/**
 * Each row of `main` in order, in the same batches, with the row of `other` that has the same place; null where that has none. The places
 * of both must ascend. One pass over each, with one batch of each in memory.
 */
export async function* joinRows<Row>(
  main: AsyncIterable<PlacedRows<Row>>,
  other: AsyncIterable<PlacedRows<Row>>,
): AsyncGenerator<[Row, Row | null][], void, undefined> {
  const others = other[Symbol.asyncIterator]();
  try {
    let next = await others.next();
    let at = 0;
    for await (const { places, rows } of main) {
      const joined: [Row, Row | null][] = [];
      for (const [index, row] of rows.entries()) {
        const place = places[index] ?? 0;
        while (next.done !== true && (next.value.places[at] ?? 0) < place) {
          at += 1;
          if (at < next.value.places.length) continue;
          next = await others.next();
          at = 0;
        }
        const isMatch = next.done !== true && next.value.places[at] === place;
        joined.push([row, isMatch ? (next.value.rows[at] ?? null) : null]);
      }
      yield joined;
    }
  } finally {
    await others.return?.();
  }
}
