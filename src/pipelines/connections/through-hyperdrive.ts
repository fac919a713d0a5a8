import { z } from "zod";
import type { OpenedConnection } from "./connection-input.ts";

const connectionsInput = z.record(z.string(), z.string());

/** What of a Hyperdrive binding is used: an address of its own, with a sign-in that it knows. */
interface HyperdriveAddress {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
}

/**
 * The connection by way of the Hyperdrive that the operator has put before it in HYPERDRIVE_CONNECTIONS; null where there is none. Only the
 * operator can, by the id of the connection: who could name a binding would have its database. Throws where the setting names none.
 */
export function throughHyperdrive(
  env: Pick<Env, "HYPERDRIVE_CONNECTIONS">,
  connection: OpenedConnection,
): OpenedConnection | null {
  if (connection.kind !== "postgres" || !env.HYPERDRIVE_CONNECTIONS) return null;
  const bindings = connectionsInput.parse(JSON.parse(env.HYPERDRIVE_CONNECTIONS));
  const name = bindings[connection.id];
  if (name === undefined) return null;
  const hyperdrive = Reflect.get(env, name) as HyperdriveAddress | undefined;
  if (!hyperdrive) throw new Error(`HYPERDRIVE_CONNECTIONS names ${name}, but this binding does not exist`);
  const { host, port, database, user, password } = hyperdrive;
  // From here to Hyperdrive nothing leaves the machine; it encrypts by itself.
  return { ...connection, settings: { host, port, database, user, tls: false }, secret: { password } };
}
