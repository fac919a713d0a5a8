import { and, eq, inArray } from "drizzle-orm";
import type { Database } from "../../db.ts";
import type { FieldError } from "../../errors.ts";
import type { ConnectionKind } from "../connections/connection-kinds.ts";
import { objectKey } from "../delivery/deliver-s3.ts";
import { isDeliveryError } from "../delivery/delivery-error.ts";
import { identityOf } from "../delivery/destination-kind.ts";
import { LEDGER_NAME, MYSQL_NAMES, type NameRules, parseTable, POSTGRES_NAMES } from "../delivery/table-name.ts";
import { connections, type Destination } from "../schema.ts";
import { NO_CONNECTION } from "./check-source.ts";
import type { DestinationInput } from "./pipeline-input.ts";

interface Checked {
  /** Those that are fit to be stored: all of them where `errors` is empty. */
  destinations: Destination[];
  errors: FieldError[];
  /** Of the connections, by their ids. */
  kinds: ReadonlyMap<string, ConnectionKind>;
}

type Field = Exclude<keyof DestinationInput, "connection_id">;
type Refuse = (field: Field | "connection_id", message: string) => void;

const TABLE_FIELDS = ["table", "mode", "key_columns", "run_columns"] as const;
const OBJECT_FIELDS = ["key_pattern", "format"] as const;

/**
 * The destinations of a pipeline of the project, and what is wrong with them. The kind of a connection says which fields there are:
 * {table, mode, key_columns for upsert} of a database, {key_pattern, format} of a store, none of an http connection. Those that it has,
 * `present`, may want a challenger that is no longer there: they are delivered without.
 */
export async function checkDestinations(
  db: Database,
  projectId: string,
  inputs: readonly DestinationInput[],
  hasChallenger: boolean,
  present: readonly Destination[] = [],
): Promise<Checked> {
  const ids = [...new Set(inputs.map((input) => input.connection_id))];
  const found = await db
    .select({ id: connections.id, kind: connections.kind })
    .from(connections)
    .where(and(eq(connections.projectId, projectId), inArray(connections.id, ids)));
  const kinds = new Map(found.map(({ id, kind }) => [id, kind]));
  const errors: FieldError[] = [];
  const known = new Set(present.map(identityOf));
  const destinations = inputs.flatMap((input, index) => {
    const refuse: Refuse = (field, message) => errors.push({ path: `destinations[${index}].${field}`, message });
    const kind = kinds.get(input.connection_id);
    if (kind === undefined) {
      refuse("connection_id", NO_CONNECTION);
      return [];
    }
    const plain = destinationOf(kind, input, refuse);
    const made = plain && input.challenger ? { ...plain, challenger: true } : plain;
    // One from before there were columns of the run stays without them, also when it is sent again as it was read.
    const before = made && withoutRun(made);
    const destination = before && input.run_columns == null && known.has(identityOf(before)) ? before : made;
    if (input.challenger && !hasChallenger && !(destination && known.has(identityOf(destination))))
      refuse("challenger", "The current version of the deployment has no challenger.");
    return destination ? [destination] : [];
  });
  return { destinations, errors, kinds };
}

function withoutRun(destination: Destination): Destination {
  if (!("run_columns" in destination)) return destination;
  const { run_columns: _, ...rest } = destination;
  return rest;
}

function destinationOf(kind: ConnectionKind, input: DestinationInput, refuse: Refuse): Destination | null {
  switch (kind) {
    case "postgres":
      return tableDestination(POSTGRES_NAMES, input, refuse);
    case "mysql":
      return tableDestination(MYSQL_NAMES, input, refuse);
    case "s3":
      return objectDestination(input, refuse);
    case "http":
      refuseFields(
        [...TABLE_FIELDS, ...OBJECT_FIELDS],
        "An http connection receives the rows unchanged",
        input,
        refuse,
      );
      return { connection_id: input.connection_id };
  }
}

function tableDestination(rules: NameRules, input: DestinationInput, refuse: Refuse): Destination | null {
  refuseFields(OBJECT_FIELDS, "A database receives rows of a table", input, refuse);
  const { connection_id, table, mode, key_columns, run_columns } = input;
  if (!table) refuse("table", "Give the table, as table or schema.table.");
  else tableProblem(table, rules, refuse);
  if (!mode) refuse("mode", "mode must be append, replace or upsert.");
  const keys = [...new Set(key_columns ?? [])];
  if (mode === "upsert" && keys.length === 0) refuse("key_columns", "An upsert needs the columns that identify a row.");
  if (mode && mode !== "upsert" && keys.length > 0) refuse("key_columns", "Only an upsert has key columns.");
  if (!table || !mode) return null;
  // Off is what stored destinations without the field are: of those that are off by default it is not noted.
  const hasRun = mode === "append" ? (run_columns ?? true) : run_columns || null;
  return {
    connection_id,
    table,
    mode,
    ...(keys.length > 0 && { key_columns: keys }),
    ...(hasRun !== null && { run_columns: hasRun }),
  };
}

function tableProblem(table: string, rules: NameRules, refuse: Refuse): void {
  const message = deliveryProblem(() => parseTable(table, rules));
  if (message !== null) refuse("table", message);
  else if (parseTable(table, rules).name.toLowerCase() === LEDGER_NAME)
    refuse("table", `${LEDGER_NAME} is the record of deliveries. Deliver to another table.`);
}

function objectDestination(input: DestinationInput, refuse: Refuse): Destination | null {
  refuseFields(TABLE_FIELDS, "A store receives objects", input, refuse);
  const { connection_id, key_pattern, format, challenger } = input;
  if (!key_pattern) refuse("key_pattern", "Give the key of the object, such as predictions/{date}/{run}.csv.");
  else {
    // As long as the ids and names that will be put in.
    const example = key_pattern.replaceAll("{model}", "challenger");
    const message = deliveryProblem(() =>
      objectKey(example, { id: `run_${"0".repeat(20)}`, position: 0, startedAtMs: 0 }),
    );
    if (message !== null) refuse("key_pattern", message);
    if (challenger && !key_pattern.includes("{model}"))
      refuse(
        "key_pattern",
        "With the challenger there are two files: put {model} in the key, such as {date}/{model}.csv.",
      );
  }
  if (!format) refuse("format", "format must be csv or parquet.");
  return key_pattern && format ? { connection_id, key_pattern, format } : null;
}

function refuseFields(fields: readonly Field[], why: string, input: DestinationInput, refuse: Refuse): void {
  for (const field of fields) {
    const value = input[field];
    if (value === undefined || value === null) continue;
    refuse(field, `${why}: it has no ${field}.`);
  }
}

/** What a delivery would refuse, in its own words; null when nothing. */
function deliveryProblem(attempt: () => unknown): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    if (isDeliveryError(error)) return error.message;
    throw error;
  }
}
