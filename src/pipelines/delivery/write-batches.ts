/**
 * Hands each item to `write`, one after the other, and has the next one made meanwhile: two are in memory at most. Stops at the first
 * error and lets the source clean up.
 */
export async function writeBatches<Item>(
  source: AsyncIterable<Item>,
  write: (item: Item) => Promise<unknown>,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let isDone = false;
  try {
    let next = await iterator.next();
    while (!next.done) [next] = await Promise.all([iterator.next(), write(next.value)]);
    isDone = true;
  } finally {
    if (!isDone) await iterator.return?.();
  }
}
