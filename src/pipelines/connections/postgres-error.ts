import { DeliveryError, isDeliveryError, excerpt } from "../delivery/delivery-error.ts";
import { noTls, PRIVILEGE, SAME_KEY, SCHEMA, type Say, VALUE } from "./database-refusals.ts";
import { OtherServer } from "./other-server.ts";
import type { OpenedDatabase } from "./connection-input.ts";
import { messageOf } from "../../lib/message-of.ts";

/** By SQLSTATE, or by its class (two characters). https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SAID: Record<string, Say> = {
  "28P01": ({ user }) => new DeliveryError("wrong_password", `The password of ${user} is wrong.`),
  "28000": ({ user, tls }, message) =>
    /no encryption|SSL off/i.test(message) && !tls
      ? new DeliveryError("tls", "The server accepts only encrypted connections. Turn encryption (TLS) on.")
      : new DeliveryError(
          "wrong_password",
          `The server does not let ${user} in (${message}). Check the user and pg_hba.conf.`,
        ),
  "3D000": ({ database }) => new DeliveryError("unknown_database", `The server has no database ${database}.`),
  "42501": PRIVILEGE,
  "25006": ({ database }) =>
    new DeliveryError("no_right", `${database} is read-only on this server. Give the address of the primary server.`),
  "3F000": (_, message) =>
    new DeliveryError("schema_changed", `The schema of the table does not exist (${message}). Create it first.`),
  "2BP01": (_, message) =>
    new DeliveryError(
      "in_the_way",
      `The table has other columns than before and cannot be replaced, because another object depends on it (${message}). Drop that object first, or deliver to another table.`,
    ),
  "23505": SAME_KEY,
  "57014": () =>
    new DeliveryError(
      "timeout",
      "A statement took longer than 60 s. Check the load of the database and the indexes of the table.",
      true,
    ),
  "55P03": () =>
    new DeliveryError("timeout", "Another transaction has locked the table. End it if the lock stays.", true),
  "22": VALUE,
  "23": VALUE,
  "42": SCHEMA,
  "54": SCHEMA,
};

// Lost connections, too little of something, stopping servers, conflicts between transactions.
const RETRYABLE_CLASSES = new Set(["08", "40", "53", "57", "58"]);

/** Whether the server has let us in yet: the runtime's own errors have no code, and mean something else before and after. */
export type PostgresStage = "connecting" | "working";

/** What a driver's error means to who reads it. Never holds the password; a DeliveryError stays as it is. */
export function postgresError(error: unknown, { settings }: OpenedDatabase, stage: PostgresStage): DeliveryError {
  if (isDeliveryError(error)) return error;
  const message = excerpt(messageOf(error));
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const say = SAID[code] ?? (code.length === 5 ? SAID[code.slice(0, 2)] : undefined);
  if (say) return say(settings, message);
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const isRetryable = RETRYABLE_CLASSES.has(code.slice(0, 2));
    return new DeliveryError("refused", `The database refused (${message}).`, isRetryable);
  }
  const { host, port, tls } = settings;
  const options = { cause: error };
  if (error instanceof OtherServer)
    return new DeliveryError(
      "unreachable",
      `At ${host}:${port} is ${message}, not PostgreSQL. Check the port, or choose another kind of connection.`,
      false,
      options,
    );
  if (code === "CONNECT_TIMEOUT")
    return new DeliveryError(
      "timeout",
      `${host}:${port} did not answer within 5 s. Check the address and the firewall.`,
      true,
      options,
    );
  if (stage === "working")
    return new DeliveryError(
      "unreachable",
      `${host}:${port} closed the connection. Nothing was delivered.`,
      true,
      options,
    );
  if (tls && !/cannot connect/i.test(message)) return new DeliveryError("tls", noTls(host, port), false, options);
  return new DeliveryError(
    "unreachable",
    `No answer from ${host}:${port}. Check the address, and that the database is up and accepts connections.`,
    true,
    options,
  );
}
