import { sha256Hex } from "../../lib/hash.ts";
import type { OpenedDatabase } from "../connections/connection-input.ts";
import { inMysql, type MysqlSession } from "../connections/open-mysql.ts";
import { TIME_LIMITS, type TimeLimits } from "../connections/time-limits.ts";
import type { Delivered, DeliveredFile, DeliveryRun } from "./delivered-file.ts";
import { DeliveryError } from "./delivery-error.ts";
import type { TableDestination } from "./destination-kind.ts";
import { cellsOf, valueLists } from "./mysql-rows.ts";
import { createTable, insertStatement, readColumns, requireUniqueIndex } from "./mysql-table.ts";
import { LEDGER_NAME, MYSQL_NAMES as NAMES, parseTable, qualified, sibling, type TableName } from "./table-name.ts";
import { checkedRows, indexNote, requireColumns, tablePlan, type TablePlan, withDates } from "./table-plan.ts";
import { writeBatches } from "./write-batches.ts";

/**
 * Delivers all rows and the note of it in one transaction: whoever reads sees all of it or nothing, and a repeated delivery finds the
 * note and changes nothing. Tables and indexes that are missing are made before, as MySQL commits with each of these statements. Throws
 * DeliveryError; then no row was delivered, unless the connection was lost in the very commit, which the next attempt finds out by the
 * note.
 */
export async function deliverToMysql(
  destination: TableDestination,
  connection: OpenedDatabase,
  file: DeliveredFile,
  delivery: DeliveryRun,
  limits: TimeLimits = TIME_LIMITS,
): Promise<Delivered> {
  const table = parseTable(destination.table, NAMES);
  return inMysql(
    connection,
    async (session) => {
      await lock(session, table, limits);
      const ledger = sibling(table, LEDGER_NAME);
      await requireLedger(session, ledger);
      if (destination.mode === "replace") await dropLeftovers(session, table, delivery);
      const delivered = await readLedger(session, ledger, delivery);
      if (delivered !== null) return { rows: delivered };
      const present = await readColumns(session, table);
      const names = present && destination.mode !== "replace" ? new Set(present.keys()) : null;
      const plan = tablePlan(destination, file, delivery, NAMES, names);
      const rows = await writeRows({ session, table, ledger, ...plan, present, mode: destination.mode, delivery });
      return { rows, ...(plan.notes.length > 0 && { notes: plan.notes }) };
    },
    limits,
  );
}

/** Two deliveries to one table come after each other. The lock ends with the session. */
async function lock({ run }: MysqlSession, table: TableName, { statementMs }: TimeLimits): Promise<void> {
  // Names of locks have at most 64 characters.
  const name = `tiltyard ${(await sha256Hex(qualified(table, NAMES))).slice(0, 40)}`;
  const seconds = Math.max(0, Math.floor(statementMs / 1_000) - 5);
  const [row] = await run("select get_lock(concat(left(database(), 14), ?), ?) as taken", [name, seconds]);
  if (Number(row?.["taken"]) === 1) return;
  const message = `Another delivery to ${table.label} is still in progress. Deliver again when it has ended.`;
  throw new DeliveryError("timeout", message, true);
}

async function requireLedger(session: MysqlSession, ledger: TableName): Promise<void> {
  if (await readColumns(session, ledger)) return;
  await session.run(`create table if not exists ${qualified(ledger, NAMES)} (
    run_id varchar(64) not null, position int not null, table_name varchar(255) not null, delivered_rows bigint not null,
    delivered_at timestamp not null default current_timestamp, primary key (run_id, position)
  ) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`);
}

/** How many rows an earlier attempt has delivered; null when none has. */
async function readLedger(
  { run }: MysqlSession,
  ledger: TableName,
  { id, position }: DeliveryRun,
): Promise<number | null> {
  const text = `select delivered_rows as delivered from ${qualified(ledger, NAMES)} where run_id = ? and position = ?`;
  const [row] = await run(text, [id, position]);
  return row ? Number(row["delivered"]) : null;
}

interface Writing extends TablePlan {
  session: MysqlSession;
  table: TableName;
  ledger: TableName;
  /** Types of the table's columns, by their names in lower case; null: it is not there. */
  present: ReadonlyMap<string, string> | null;
  mode: TableDestination["mode"];
  delivery: DeliveryRun;
}

async function writeRows(writing: Writing): Promise<number> {
  const { session, table, file, keys, mode, notes, present } = writing;
  if (!present) await createTable(session, table, file, keys);
  const fits = present === null || file.columns.every(({ name }) => present.has(NAMES.folded(name)));
  if (mode === "replace" && !fits) return swapTable({ ...writing, present: null });
  if (present) requireColumns(table.label, new Set(present.keys()), file, NAMES);
  const keyNames = keys.map((key) => file.columns[key]?.name ?? "");
  if (mode === "upsert" && (await requireUniqueIndex(session, table, keyNames)))
    notes.push(indexNote(table.label, keyNames, "has"));
  return fillTable(writing, table);
}

/** A table that fits keeps its rights, views and indexes: to others, its old rows are there until the commit. */
async function fillTable(
  { session, table, ledger, file, keys, mode, delivery, present }: Writing,
  target: TableName,
): Promise<number> {
  await session.run("start transaction");
  if (mode === "replace") await session.run(`delete from ${qualified(target, NAMES)}`);
  const { before, after } = insertStatement(target, file, keys);
  const counted = { rows: 0 };
  const dated = withDates(file, delivery, (name) => present?.get(NAMES.folded(name)));
  const lists = valueLists(checkedRows(dated, keys, counted), cellsOf(file, present), session.literal);
  await writeBatches(lists, (list) => session.run(before + list + after));
  if (target === table) await writeLedger(session, ledger, { table, delivery, rows: counted.rows });
  await session.run("commit");
  return counted.rows;
}

/**
 * A table with other columns is replaced by a new one in one rename. The note comes after it: an attempt that ends between the two is
 * repeated and finds a table that fits, which it fills with the same rows again.
 */
async function swapTable(writing: Writing): Promise<number> {
  const { session, table, ledger, file, keys, delivery } = writing;
  const [made, old] = await swapNames(table, delivery);
  await createTable(session, made, file, keys);
  const rows = await fillTable(writing, made);
  await session.run(
    `rename table ${qualified(table, NAMES)} to ${qualified(old, NAMES)}, ${qualified(made, NAMES)} to ${qualified(table, NAMES)}`,
  );
  await writeLedger(session, ledger, { table, delivery, rows });
  await session.run(`drop table ${qualified(old, NAMES)}`);
  return rows;
}

/** What an earlier attempt at a swap has left. */
async function dropLeftovers(session: MysqlSession, table: TableName, delivery: DeliveryRun): Promise<void> {
  for (const left of await swapNames(table, delivery)) {
    if (await readColumns(session, left)) await session.run(`drop table ${qualified(left, NAMES)}`);
  }
}

/** The same for each attempt, so that the next one finds what the last one left. */
async function swapNames(table: TableName, { id, position }: DeliveryRun): Promise<[TableName, TableName]> {
  const suffix = (await sha256Hex(`${id}/${position}`)).slice(0, 16);
  return [sibling(table, `tiltyard_new_${suffix}`), sibling(table, `tiltyard_old_${suffix}`)];
}

async function writeLedger(
  { run }: MysqlSession,
  ledger: TableName,
  { table, delivery, rows }: { table: TableName; delivery: DeliveryRun; rows: number },
): Promise<void> {
  await run(
    `insert into ${qualified(ledger, NAMES)} (run_id, position, table_name, delivered_rows) values (?, ?, ?, ?)`,
    [delivery.id, delivery.position, table.label.slice(0, 255), rows],
  );
}
