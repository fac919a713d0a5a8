import type { DeliveredFile } from "./delivered-file.ts";
import { isMissing } from "./delivered-file.ts";
import { DeliveryError, excerpt } from "./delivery-error.ts";
import type { TableDestination } from "./destination-kind.ts";

/** Key columns of an upsert, as places among the file's columns; empty for the other modes. 422-like DeliveryError where one is not in the file. */
export function keyIndexes(destination: TableDestination, file: Pick<DeliveredFile, "columns">): number[] {
  if (destination.mode !== "upsert") return [];
  const names = destination.key_columns ?? [];
  if (names.length === 0)
    throw new DeliveryError("wrong_destination", "An upsert needs key_columns: the columns that identify a row.");
  return names.map((name) => {
    const index = file.columns.findIndex((column) => column.name === name);
    if (index >= 0) return index;
    throw new DeliveryError(
      "schema_changed",
      `The key column "${name}" is not in the predictions. Give a column of the source, or prediction_id.`,
    );
  });
}

/** Throws where the table lacks columns of the file. */
export function requireColumns(
  label: string,
  present: ReadonlySet<string>,
  file: Pick<DeliveredFile, "columns">,
): void {
  const missing = file.columns.map(({ name }) => name).filter((name) => !present.has(name));
  if (missing.length === 0) return;
  const names = missing
    .slice(0, 5)
    .map((name) => `"${name}"`)
    .join(", ");
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
  throw new DeliveryError(
    "schema_changed",
    `The table ${label} has no column ${names}${more}. Add the missing columns, or deliver to another table.`,
  );
}

/** What is said of an upsert into a table in which its key columns do not tell rows apart. */
export function doubleKeys(label: string, keys: readonly string[], cause: unknown): DeliveryError {
  const names = keys.map((key) => `"${key}"`).join(", ");
  const said = cause instanceof Error ? ` (${excerpt(cause.message)})` : "";
  return new DeliveryError(
    "in_the_way",
    `The table ${label} holds rows with the same ${names}, so an upsert cannot tell which one to update${said}. Remove duplicates, or give key columns that distinguish the rows.`,
    false,
    { cause },
  );
}

/** Passes the batches on, counts their rows, and refuses rows without a key: of those, each delivery would add one. */
export async function* checkedRows(
  file: DeliveredFile,
  keys: readonly number[],
  counted: { rows: number },
): AsyncGenerator<unknown[][]> {
  for await (const batch of file.rows()) {
    for (const [index, row] of batch.entries()) {
      const empty = keys.find((key) => isMissing(row[key]));
      if (empty === undefined) continue;
      throw new DeliveryError(
        "bad_value",
        `Row ${counted.rows + index + 1} has no value in the key column "${file.columns[empty]?.name}". An upsert needs a key in every row.`,
      );
    }
    counted.rows += batch.length;
    yield batch;
  }
  if (counted.rows !== file.rowCount)
    throw new DeliveryError(
      "incomplete",
      `The file gave ${counted.rows} rows and should have ${file.rowCount}. Nothing was delivered; try again.`,
      true,
    );
}
