import { DeliveryError, isDeliveryError, excerpt } from "../delivery/delivery-error.ts";
import { noTls, PRIVILEGE, SAME_KEY, SCHEMA, type Say, VALUE } from "./database-refusals.ts";
import type { OpenedDatabase } from "./connection-input.ts";
import { messageOf } from "../../lib/message-of.ts";

const LOCKED: Say = () =>
  new DeliveryError("timeout", "Another transaction has locked the table. End it if the lock stays.", true);
const LOST: Say = ({ host, port }) =>
  new DeliveryError("unreachable", `${host}:${port} closed the connection. Nothing was delivered.`, true);

/** By the server's error number; the same ones in MySQL and MariaDB. https://mariadb.com/kb/en/mariadb-error-code-reference/ */
const SAID: Record<number, Say> = {
  1045: ({ user }) =>
    new DeliveryError(
      "wrong_password",
      `The password of ${user} is wrong, or the server does not let this user in from here.`,
    ),
  1049: ({ database }) => new DeliveryError("unknown_database", `The server has no database ${database}.`),
  1044: PRIVILEGE,
  1142: PRIVILEGE,
  1143: PRIVILEGE,
  1227: PRIVILEGE,
  1290: ({ database }) =>
    new DeliveryError("no_right", `${database} is read-only on this server. Give the address of the primary server.`),
  1836: ({ database }) =>
    new DeliveryError("no_right", `${database} is read-only on this server. Give the address of the primary server.`),
  3159: () => new DeliveryError("tls", "The server accepts only encrypted connections. Turn encryption (TLS) on."),
  1048: VALUE,
  1062: SAME_KEY,
  1264: VALUE,
  1265: VALUE,
  1292: VALUE,
  1364: SCHEMA,
  1366: VALUE,
  1406: VALUE,
  4025: VALUE,
  1054: SCHEMA,
  1060: SCHEMA,
  1117: SCHEMA,
  1118: SCHEMA,
  1166: SCHEMA,
  1170: (_, message) =>
    new DeliveryError(
      "schema_changed",
      `A key column has a type without a length (${message}). Change it to varchar(255), or deliver to another table.`,
    ),
  1205: LOCKED,
  1213: LOCKED,
  1969: LOCKED,
  1053: LOST,
  1927: LOST,
  1040: ({ host }) =>
    new DeliveryError("unreachable", `${host} has too many connections open. Close some, or allow more.`, true),
};

/** Whether the server has let us in yet. */
export type MysqlStage = "connecting" | "working";

/** What a driver's error means to who reads it. Never holds the password; a DeliveryError stays as it is. */
export function mysqlError(error: unknown, { settings }: OpenedDatabase, stage: MysqlStage): DeliveryError {
  if (isDeliveryError(error)) return error;
  const message = excerpt(messageOf(error));
  const number = error instanceof Error && "errno" in error && typeof error.errno === "number" ? error.errno : 0;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const say = SAID[number];
  if (say) return say(settings, message);
  const { host, port } = settings;
  if (code === "PROTOCOL_SEQUENCE_TIMEOUT")
    return new DeliveryError(
      "timeout",
      `${host}:${port} has stopped answering. Check that the database is up and not overloaded.`,
      true,
    );
  if (code === "ETIMEDOUT")
    return new DeliveryError(
      "timeout",
      `${host}:${port} did not answer within 5 s. Check the address and the firewall, and that MySQL or MariaDB is there: other servers, such as PostgreSQL, wait in silence.`,
      true,
    );
  // The runtime calls a handshake of TLS that failed an internal error.
  if (
    code === "HANDSHAKE_NO_SSL_SUPPORT" ||
    (stage === "connecting" && settings.tls && /^internal error/i.test(message))
  )
    return new DeliveryError("tls", noTls(host, port), false, { cause: error });
  // The driver has no name for what newer servers say, but their state comes along.
  if (code.startsWith("ER_") || (error instanceof Error && "sqlState" in error && error.sqlState))
    return new DeliveryError("refused", `The database refused (${message}).`);
  if (stage === "working") return LOST(settings, message);
  return new DeliveryError(
    "unreachable",
    `No answer from ${host}:${port}. Check the address, and that the database is up and accepts connections.`,
    true,
    { cause: error },
  );
}
