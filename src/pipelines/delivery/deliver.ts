import type { OpenedConnection } from "../connections/connection-input.ts";
import type { Destination } from "../schema.ts";
import type { Delivered, DeliveredFile, DeliveryRun } from "./delivered-file.ts";
import { deliverToHttp } from "./deliver-http.ts";
import { deliverToMysql } from "./deliver-mysql.ts";
import { deliverToPostgres } from "./deliver-postgres.ts";
import { deliverToS3 } from "./deliver-s3.ts";
import { DeliveryError } from "./delivery-error.ts";
import { destinationKind, type KindedDestination } from "./destination-kind.ts";

/**
 * Delivers the file of a run to one destination and says how many rows it has, and what is to be known of it. Repeating is safe: a table
 * is changed once for a run and position, an object is written again with the same bytes, an http receiver gets the same parts under the
 * same keys. Throws DeliveryError, whose message says what to do and whose `retryable` says whether trying again makes sense.
 */
export async function deliver(
  destination: Destination,
  connection: OpenedConnection,
  file: DeliveredFile,
  run: DeliveryRun,
  signal?: AbortSignal,
): Promise<Delivered> {
  switch (connection.kind) {
    case "postgres":
      return deliverToPostgres(fitting(destination, connection, "table"), connection, file, run);
    case "mysql":
      return deliverToMysql(fitting(destination, connection, "table"), connection, file, run);
    case "s3":
      return deliverToS3(fitting(destination, connection, "object"), connection, file, run);
    case "http":
      return deliverToHttp(connection, file, run, signal ? { signal } : {});
  }
}

function fitting<Kind extends KindedDestination["kind"]>(
  destination: Destination,
  { kind }: OpenedConnection,
  wanted: Kind,
) {
  const kinded = destinationKind(destination);
  if (isOf(kinded, wanted)) return kinded;
  throw new DeliveryError(
    "wrong_destination",
    `The destination does not fit a connection of kind ${kind}: databases need {table, mode}, stores {key_pattern, format}.`,
  );
}

function isOf<Kind>(
  destination: KindedDestination,
  kind: Kind,
): destination is Extract<KindedDestination, { kind: Kind }> {
  return destination.kind === kind;
}
