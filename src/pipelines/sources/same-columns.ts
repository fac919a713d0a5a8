import { SourceError } from "./source-error.ts";

/** A file of several, and what its columns are called. */
export interface NamedColumns {
  name: string;
  columns: readonly string[];
}

/**
 * Where the columns of the first file stand in another one; null: at the same places. Throws SourceError that names the columns which one
 * of them has and the other has not.
 */
export function placesIn(first: NamedColumns, other: NamedColumns): number[] | null {
  const places = first.columns.map((column) => other.columns.indexOf(column));
  const missing = first.columns.filter((_, index) => places[index] === -1);
  const more = other.columns.filter((column) => !first.columns.includes(column));
  if (missing.length > 0 || more.length > 0) {
    const said = [
      ...(more.length > 0 ? [`has the ${columnsOf(more)}, which ${first.name} has not`] : []),
      ...(missing.length > 0 ? [`has no ${columnsOf(missing)}, which ${first.name} has`] : []),
    ];
    throw new SourceError(
      "objects_differ",
      `${other.name} ${said.join(", and ")}. Give all files the same columns; their order does not matter.`,
    );
  }
  return places.every((place, index) => place === index) ? null : places;
}

function columnsOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  return `${names.length === 1 ? "column" : "columns"} ${shown.join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
}
