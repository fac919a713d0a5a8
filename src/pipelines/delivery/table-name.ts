import { DeliveryError } from "./delivery-error.ts";

/** How a kind of database writes and bounds names. */
export interface NameRules {
  product: string;
  quote: '"' | "`";
  lengthMax: number;
  /** Length as the database counts it, and in what. */
  lengthOf: (name: string) => number;
  unit: string;
  /** The same for names that are one to the database. */
  folded: (name: string) => string;
  /** Names, folded, of columns that every table has by itself. */
  own: ReadonlySet<string>;
  /** Whether a character may be in a name. */
  isWritable: (sign: string) => boolean;
}

const encoder = new TextEncoder();

export const POSTGRES_NAMES: NameRules = {
  product: "PostgreSQL",
  quote: '"',
  // Longer names are cut without a word, so that two of them may become one.
  lengthMax: 63,
  lengthOf: (name) => encoder.encode(name).byteLength,
  unit: "bytes",
  folded: (name) => name,
  // https://www.postgresql.org/docs/current/ddl-system-columns.html
  own: new Set(["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"]),
  isWritable: (sign) => sign !== "\0",
};

export const MYSQL_NAMES: NameRules = {
  product: "MySQL",
  quote: "`",
  lengthMax: 64,
  lengthOf: (name) => Array.from(name).length,
  unit: "characters",
  folded: (name) => name.toLowerCase(),
  own: new Set(["db_row_id", "db_trx_id", "db_roll_ptr", "fts_doc_id"]),
  // https://dev.mysql.com/doc/refman/8.4/en/identifiers.html
  isWritable: (sign) => sign !== "\0" && (sign.codePointAt(0) ?? 0) <= 0xffff,
};

/** A table, perhaps of a named schema; the texts are excerpt. */
export interface TableName {
  /** As the user wrote it. */
  label: string;
  schema: string | null;
  name: string;
}

/** A name in quotes, so that it is a name whatever is in it. Throws DeliveryError for one that the database cannot take as it is. */
export function quoteName(name: string, rules: NameRules): string {
  const { product, quote, lengthMax, lengthOf } = rules;
  if (name === "" || name.includes("\0"))
    throw new DeliveryError(
      "schema_changed",
      `${product} does not accept an empty column or table name. Rename it in the source.`,
    );
  if (lengthOf(name) > lengthMax)
    throw new DeliveryError(
      "schema_changed",
      `The name "${name.slice(0, 80)}" is longer than ${product} accepts (${lengthMax}). Shorten it in the source or in the destination.`,
    );
  return quote + name.replaceAll(quote, quote + quote) + quote;
}

/** Reads `table` or `schema.table`, each as it is or in the quotes of the database: `sales."t"` is the table t. */
export function parseTable(label: string, rules: NameRules): TableName {
  const { quote } = rules;
  const quoted = new RegExp(`^${quote}((?:[^${quote}]|${quote}{2})+)${quote}(?:\\.|$)`).exec(label);
  const dot = label.indexOf(".");
  const end = quoted ? quoted[0].replace(/\.$/, "").length : dot < 0 ? label.length : dot;
  const [first, rest] = [label.slice(0, end), label.slice(end + 1)];
  const [schema, name] =
    end < label.length ? [unquoted(first, rules), unquoted(rest, rules)] : [null, unquoted(first, rules)];
  const parts = { label, schema, name };
  qualified(parts, rules);
  return parts;
}

function unquoted(name: string, { quote }: NameRules): string {
  const inside = new RegExp(`^${quote}((?:[^${quote}]|${quote}{2})+)${quote}$`).exec(name)?.[1];
  return inside === undefined ? name : inside.replaceAll(quote + quote, quote);
}

/** The table as statements name it. */
export function qualified({ schema, name }: TableName, rules: NameRules): string {
  const quotedName = quoteName(name, rules);
  return schema === null ? quotedName : `${quoteName(schema, rules)}.${quotedName}`;
}

/** The table of that name beside another one. */
export function sibling({ schema }: TableName, name: string): TableName {
  return { label: schema === null ? name : `${schema}.${name}`, schema, name };
}

/** Where it is noted what has been delivered, in the destination itself, so that rows and note come to be together or not at all. */
export const LEDGER_NAME = "tiltyard_deliveries";
