/** Cells for each bin: most cells then hold one edge or none, and the search in them is over at once. */
const CELLS_PER_BIN = 4;

/**
 * What finds the bin of a value that lies within ascending `edges` (two or more), by the rule of binIndex: bin i is
 * [edges[i], edges[i + 1]), the last one holds its upper edge too. It runs for every cell of every record, so the range is cut into even
 * cells that know which bins they meet: a few times faster than a search over all edges, whose branches nobody can predict.
 */
export function binFinder(edges: readonly number[]): (value: number) => number {
  const sorted = Float64Array.from(edges);
  const lastBin = sorted.length - 2;
  const first = sorted[0] ?? 0;
  const cells = Math.max(1, CELLS_PER_BIN * (lastBin + 1));
  const perUnit = cells / ((sorted.at(-1) ?? first) - first);
  // A range that is too wide or too narrow for even cells is one cell.
  const scale = Number.isFinite(perUnit) && perUnit > 0 ? perUnit : 0;
  const binOfCell = new Int32Array(cells + 2);
  for (let cell = 1, bin = 0; cell < binOfCell.length; cell += 1) {
    const start = scale === 0 ? Number.POSITIVE_INFINITY : first + cell / scale;
    while (bin < lastBin && (sorted[bin + 1] as number) <= start) bin += 1;
    binOfCell[cell] = bin;
  }
  return (value) => {
    const cell = ((value - first) * scale) | 0;
    let low = binOfCell[cell] as number;
    let high = (binOfCell[cell + 1] as number) + 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) <= value) low = middle;
      else high = middle;
    }
    // Rounding may have led to the cell beside.
    while (low > 0 && (sorted[low] as number) > value) low -= 1;
    while (low < lastBin && (sorted[low + 1] as number) <= value) low += 1;
    return low;
  };
}
