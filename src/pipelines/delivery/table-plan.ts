import { columnNames } from "./column-names.ts";
import { type DeliveredColumn, type DeliveredFile, type DeliveryRun, isMissing } from "./delivered-file.ts";
import { DeliveryError, excerpt } from "./delivery-error.ts";
import type { TableDestination } from "./destination-kind.ts";
import { type DateOrder, isoDate, isWrittenDate } from "../results/typed-text.ts";
import { runColumns, withRunColumns } from "./run-columns.ts";
import type { NameRules } from "./table-name.ts";

/** A file as a table takes it. */
export interface TablePlan {
  /** Its columns have the names that the database takes. */
  file: DeliveredFile;
  /** Key columns of an upsert, as places among them; empty for the other modes. */
  keys: number[];
  /** What is to be known of it, in sentences. */
  notes: string[];
}

/**
 * Names the columns of a file as the database takes them and adds those of the run where the destination wants them. `present` are the
 * columns of the table, folded; null where it is to be made anew. A table that is there and lacks columns of the run gets the others.
 * Throws DeliveryError where a key column is not in the file.
 */
export function tablePlan(
  destination: TableDestination,
  file: DeliveredFile,
  run: DeliveryRun,
  rules: NameRules,
  present: ReadonlySet<string> | null,
): TablePlan {
  const keys = keyIndexes(destination, file);
  const names = columnNames(
    file.columns.map(({ name }) => name),
    rules,
  );
  const columns = file.columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
  const added = destination.run_columns === true ? runColumns(names, rules.folded) : [];
  const has = (index: number): boolean => present === null || present.has(rules.folded(added[index]?.name ?? ""));
  const planned = withRunColumns({ ...file, columns }, run, added, (index) => index < added.length && has(index));
  const lacking = added.filter((_, index) => !has(index)).map(({ name }) => name);
  const notes = [
    ...renameNotes(file.columns, names, rules),
    ...(lacking.length === 0
      ? []
      : [
          `The table has no column ${listed(lacking)}, so the rows arrive without. Add the columns to have them filled.`,
        ]),
  ];
  return { file: planned, keys, notes };
}

/** What is said of columns that have other names in the database. */
function renameNotes(columns: readonly DeliveredColumn[], names: readonly string[], rules: NameRules): string[] {
  const renamed = columns.flatMap(({ name }, index) =>
    names[index] === name ? [] : [`"${name}" is "${names[index]}"`],
  );
  if (renamed.length === 0) return [];
  const { product, lengthMax, unit } = rules;
  const shown = renamed.slice(0, RENAMES_SHOWN).join(", ");
  const more = renamed.length > RENAMES_SHOWN ? `, and ${renamed.length - RENAMES_SHOWN} more` : "";
  const takes = `${product} takes names of at most ${lengthMax} ${unit}${rules.folded("A") === "a" ? ", in which letter case does not count" : ""}`;
  return [`Columns have other names there, because ${takes}: ${shown}${more}.`];
}

const RENAMES_SHOWN = 20;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  return `${shown.join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
}

/** What is said of the index that an upsert has made or will make. */
export function indexNote(label: string, keys: readonly string[], verb: "has" | "will get"): string {
  return `The table ${label} ${verb} a unique index over ${listed(keys)}, by which an upsert finds the row to update.`;
}

/** Key columns of an upsert, as places among the file's columns. 422-like DeliveryError where one is not in the file. */
function keyIndexes(destination: TableDestination, file: Pick<DeliveredFile, "columns">): number[] {
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
  { folded }: NameRules,
): void {
  const missing = file.columns.map(({ name }) => name).filter((name) => !present.has(folded(name)));
  if (missing.length === 0) return;
  throw new DeliveryError(
    "schema_changed",
    `The table ${label} has no column ${listed(missing)}. Add the missing columns, or deliver to another table.`,
  );
}

/** What is said of an upsert into a table in which its key columns do not tell rows apart. */
export function doubleKeys(label: string, keys: readonly string[], cause: unknown): DeliveryError {
  const said = cause instanceof Error ? ` (${excerpt(cause.message)})` : "";
  return new DeliveryError(
    "in_the_way",
    `The table ${label} holds rows with the same ${listed(keys)}, so an upsert cannot tell which one to update${said}. Remove duplicates, or give key columns that distinguish the rows.`,
    false,
    { cause },
  );
}

/**
 * The file with dates as ISO 8601 in those columns of texts that a table has as dates or times, `typeOf` by their names. A text such as
 * 01/02/2024 is read in the order that the source writes it in, and refused where nobody has said: each database would read it in its own
 * way.
 */
export function withDates(
  file: DeliveredFile,
  { dates }: DeliveryRun,
  typeOf: (name: string) => string | undefined,
): DeliveredFile {
  const columns = file.columns.flatMap(({ name, type }, index) =>
    type === "text" && /^(date|time)/.test(typeOf(name) ?? "") ? [{ name, index }] : [],
  );
  if (columns.length === 0) return file;
  return {
    ...file,
    async *rows() {
      let before = 0;
      for await (const batch of file.rows()) {
        for (const [at, row] of batch.entries())
          for (const { name, index } of columns) {
            const cell = row[index];
            if (typeof cell === "string" && isWrittenDate(cell))
              row[index] = readDate(
                cell,
                dates,
                `Row ${before + at + 1} holds ${cell} in "${name}", which is a date there`,
              );
          }
        yield batch;
        before += batch.length;
      }
    },
  };
}

function readDate(text: string, order: DateOrder | undefined, what: string): string {
  const iso = order && isoDate(text, order);
  if (iso) return iso;
  throw new DeliveryError(
    "bad_value",
    order
      ? `${what}, and there is no such day when the ${order === "day_first" ? "day" : "month"} comes first. Correct the source, or how it writes dates.`
      : `${what}, and nobody has said whether the day or the month comes first. Say it in the source of the pipeline (Dates), then retry the run.`,
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
