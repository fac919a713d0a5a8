/** A row as it is sent in a call. */
export type FeatureRow = Record<string, number | string>;

/** The rows of a plain CSV file (no quotes), numbers as numbers. */
export function parseTable(csv: string): FeatureRow[] {
  const [head = "", ...lines] = csv.trimEnd().split("\n");
  const names = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, column) => [name, valueOf(cells[column] ?? "")]));
  });
}

/** Bodies of calls with one row each, or with `rowsPerCall` rows. */
export function bodiesOf(rows: readonly FeatureRow[], rowsPerCall: number): string[] {
  if (rowsPerCall === 1) return rows.map((features) => JSON.stringify({ features }));
  const calls = Math.floor(rows.length / rowsPerCall);
  return Array.from({ length: calls }, (_, call) =>
    JSON.stringify({ rows: rows.slice(call * rowsPerCall, (call + 1) * rowsPerCall) }),
  );
}

function valueOf(cell: string): number | string {
  return cell !== "" && Number.isFinite(Number(cell)) ? Number(cell) : cell;
}
