import { allowsPrivateNetwork, sealingKey } from "../../config.ts";
import { unseal } from "../../lib/seal.ts";
import { DeliveryError } from "../delivery/delivery-error.ts";
import { connectionAddressProblem } from "./connection-address.ts";
import { type OpenedConnection, storedConnection } from "./connection-input.ts";
import type { ConnectionRow } from "./queries.ts";
import { throughHyperdrive } from "./through-hyperdrive.ts";

/** Where the sealed secret of a connection belongs. */
export function secretPlace(connectionId: string): string {
  return `connections/${connectionId}/secret`;
}

/**
 * A connection with its secret in the clear, for use at once. Throws DeliveryError where the secret does not open, and where its address
 * may not be called: that is looked at each time, as the operator's setting may have changed since the connection was made.
 */
export async function openConnection(
  env: Pick<Env, "SEALING_KEY" | "ALLOW_PRIVATE_NETWORK" | "HYPERDRIVE_CONNECTIONS">,
  { id, kind, settings, sealedSecret }: ConnectionRow,
): Promise<OpenedConnection> {
  const secret: unknown = JSON.parse(await openSecret(env, id, sealedSecret));
  const opened = { ...storedConnection.parse({ kind, settings, secret }), id };
  const through = throughHyperdrive(env, opened);
  if (through) return through;
  const problem = connectionAddressProblem(opened, allowsPrivateNetwork(env));
  if (problem) throw new DeliveryError("refused_address", problem.message);
  return opened;
}

async function openSecret(env: Pick<Env, "SEALING_KEY">, id: string, sealed: string): Promise<string> {
  try {
    return await unseal(sealingKey(env), secretPlace(id), sealed);
  } catch (cause) {
    throw new DeliveryError(
      "sealed",
      "The secret of this connection cannot be opened, because SEALING_KEY has changed. Edit the connection and give the secret again.",
      false,
      { cause },
    );
  }
}
