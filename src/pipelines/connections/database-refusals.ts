import { DeliveryError } from "../delivery/delivery-error.ts";
import type { OpenedDatabase } from "./connection-input.ts";

/** What an error of a database means to who reads it; `message` is the server's own. */
export type Say = (connection: OpenedDatabase["settings"], message: string) => DeliveryError;

export const PRIVILEGE: Say = ({ user, database }, message) =>
  new DeliveryError(
    "no_right",
    `${user} has no right to do this in ${database} (${message}). Grant it, or use another user.`,
  );

export const VALUE: Say = (_, message) =>
  new DeliveryError(
    "bad_value",
    `The database does not take a value (${message}). Change the column's type there, or deliver to another table.`,
  );

export const SCHEMA: Say = (_, message) =>
  new DeliveryError(
    "schema_changed",
    `The table does not fit the delivered columns (${message}). Change it, or deliver to another table.`,
  );

export const SAME_KEY: Say = (_, message) =>
  new DeliveryError(
    "in_the_way",
    `A row with the same key already exists (${message}). Remove duplicates, or upsert by the columns of that key.`,
  );

/** What to do where no encrypted connection to a database came about. */
export function noTls(host: string, port: number): string {
  return `The encrypted connection to ${host}:${port} failed. Its certificate must be valid for ${host} and signed by a known authority. For a server without TLS, turn encryption off.`;
}
