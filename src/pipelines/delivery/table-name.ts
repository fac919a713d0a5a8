import { DeliveryError } from "./delivery-error.ts";

/** How a kind of database writes and bounds names. */
export interface NameRules {
  product: string;
  quote: '"' | "`";
  lengthMax: number;
  /** Length as the database counts it. */
  lengthOf: (name: string) => number;
}

const encoder = new TextEncoder();

export const POSTGRES_NAMES: NameRules = {
  product: "PostgreSQL",
  quote: '"',
  // Longer names are cut without a word, so that two of them may become one.
  lengthMax: 63,
  lengthOf: (name) => encoder.encode(name).byteLength,
};

export const MYSQL_NAMES: NameRules = {
  product: "MySQL",
  quote: "`",
  lengthMax: 64,
  lengthOf: (name) => Array.from(name).length,
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

/** Reads `table` or `schema.table`. */
export function parseTable(label: string, rules: NameRules): TableName {
  const dot = label.indexOf(".");
  const [schema, name] = dot < 0 ? [null, label] : [label.slice(0, dot), label.slice(dot + 1)];
  const parts = { label, schema, name };
  qualified(parts, rules);
  return parts;
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
