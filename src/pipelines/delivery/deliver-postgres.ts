import { randomText } from "../../lib/id.ts";
import type { OpenedDatabase } from "../connections/connection-input.ts";
import { inPostgres, type RunStatement } from "../connections/open-postgres.ts";
import type { TimeLimits } from "../connections/time-limits.ts";
import type { Delivered, DeliveredFile, DeliveryRun } from "./delivered-file.ts";
import type { TableDestination } from "./destination-kind.ts";
import { jsonChunks } from "./postgres-rows.ts";
import { createTable, insertStatement, readColumns, requireUniqueIndex } from "./postgres-table.ts";
import {
  LEDGER_NAME,
  parseTable,
  POSTGRES_NAMES as NAMES,
  qualified,
  quoteName,
  sibling,
  type TableName,
} from "./table-name.ts";
import { checkedRows, indexNote, requireColumns, tablePlan, withDates } from "./table-plan.ts";
import { writeBatches } from "./write-batches.ts";

/**
 * Delivers all rows and the note of it in one transaction: whoever reads sees all of it or nothing, and a repeated delivery finds the note
 * and changes nothing. Throws DeliveryError; then nothing was delivered, unless the connection was lost in the very commit, which the next
 * attempt finds out by the note.
 */
export async function deliverToPostgres(
  destination: TableDestination,
  connection: OpenedDatabase,
  file: DeliveredFile,
  delivery: DeliveryRun,
  limits?: TimeLimits,
): Promise<Delivered> {
  const table = parseTable(destination.table, NAMES);
  const deliver = async (run: RunStatement) => {
    const ledger = sibling(table, LEDGER_NAME);
    // Two deliveries to one table come after each other, and so do two attempts at the same one.
    await lock(run, table);
    await requireLedger(run, ledger);
    const delivered = await readLedger(run, ledger, delivery);
    if (delivered !== null) return { rows: delivered };
    const written = await writeRows(run, { table, file, destination, delivery });
    await run(
      `insert into ${qualified(ledger, NAMES)} (run_id, position, table_name, delivered_rows) values ($1, $2::text::int, $3, $4::text::bigint)`,
      [delivery.id, String(delivery.position), table.label, String(written.rows)],
    );
    return written;
  };
  return inPostgres(connection, deliver, limits ? { limits } : {});
}

async function lock(run: RunStatement, table: TableName): Promise<void> {
  await run("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`tiltyard ${qualified(table, NAMES)}`]);
}

async function requireLedger(run: RunStatement, ledger: TableName): Promise<void> {
  if (await readColumns(run, ledger)) return;
  await lock(run, ledger);
  await run(`create table if not exists ${qualified(ledger, NAMES)} (
    run_id text not null, position integer not null, table_name text not null, delivered_rows bigint not null,
    delivered_at timestamptz not null default now(), primary key (run_id, position))`);
}

/** How many rows an earlier attempt has delivered; null when none has. */
async function readLedger(run: RunStatement, ledger: TableName, { id, position }: DeliveryRun): Promise<number | null> {
  const [row] = await run(
    `select delivered_rows::text as delivered from ${qualified(ledger, NAMES)} where run_id = $1 and position = $2::text::int`,
    [id, String(position)],
  );
  return row ? Number(row["delivered"]) : null;
}

interface Writing {
  table: TableName;
  file: DeliveredFile;
  destination: TableDestination;
  delivery: DeliveryRun;
}

async function writeRows(run: RunStatement, writing: Writing): Promise<Delivered> {
  const { table, destination, delivery } = writing;
  const { mode } = destination;
  const present = await readColumns(run, table);
  const names = present && mode !== "replace" ? new Set(present.keys()) : null;
  const { file, keys, notes } = tablePlan(destination, writing.file, delivery, NAMES, names);
  const fits = present !== null && file.columns.every(({ name }) => present.has(name));
  // A table with other columns is replaced by a new one, swapped in at the end so that readers wait for a moment only. One that fits
  // keeps its rights, views and indexes: to others, its old rows are there until the commit.
  const isSwapped = mode === "replace" && present !== null && !fits;
  if (present && !isSwapped) requireColumns(table.label, new Set(present.keys()), file, NAMES);
  const target = isSwapped ? sibling(table, `tiltyard_new_${randomText(12)}`) : table;
  const types = present && !isSwapped ? present : await createTable(run, target, file, keys);
  if (mode === "replace" && present && !isSwapped) await run(`delete from ${qualified(table, NAMES)}`);
  const keyNames = keys.map((key) => file.columns[key]?.name ?? "");
  if (mode === "upsert" && (await requireUniqueIndex(run, target, keyNames)))
    notes.push(indexNote(table.label, keyNames, "has"));
  const insert = insertStatement(target, file, types, keys);
  const counted = { rows: 0 };
  const dated = withDates(file, delivery, (name) => types.get(name));
  const chunks = jsonChunks(checkedRows(dated, keys, counted), file.columns.length);
  await writeBatches(chunks, (chunk) => run(insert, [chunk]));
  if (isSwapped) {
    await run(`drop table ${qualified(table, NAMES)}`);
    await run(`alter table ${qualified(target, NAMES)} rename to ${quoteName(table.name, NAMES)}`);
  }
  return { rows: counted.rows, ...(notes.length > 0 && { notes }) };
}
