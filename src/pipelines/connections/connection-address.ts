import { outgoingUrlProblem } from "../../lib/outgoing-url.ts";
import { addressReach } from "../../lib/private-address.ts";
import type { ConnectionInput } from "./connection-input.ts";

/** Where an address of a connection stands in its settings, and what is wrong with it. */
export interface AddressProblem {
  path: string;
  message: string;
}

/**
 * What keeps a connection's address from being called; null when nothing does. Private addresses only with `allowPrivate`, link-local
 * ones and metadata services never.
 */
export function connectionAddressProblem(
  connection: Pick<ConnectionInput, "kind" | "settings">,
  allowPrivate: boolean,
): AddressProblem | null {
  const { settings } = connection;
  if ("host" in settings) return problemAt("settings.host", hostProblem(settings.host, allowPrivate));
  if ("endpoint" in settings) return problemAt("settings.endpoint", endpointProblem(settings.endpoint, allowPrivate));
  return problemAt("settings.url", outgoingUrlProblem(settings.url, allowPrivate));
}

function problemAt(path: string, message: string | null): AddressProblem | null {
  return message === null ? null : { path, message };
}

function hostProblem(host: string, allowPrivate: boolean): string | null {
  const reach = addressReach(host);
  if (reach === null) return "Not a valid host. Give a name or an address without a port, such as db.example.org.";
  if (reach === "never") return `${host} is a link-local or reserved address, which is never called.`;
  if (reach === "private" && !allowPrivate)
    return `${host} is a private address. The operator can allow these by setting ALLOW_PRIVATE_NETWORK to 1.`;
  return null;
}

function endpointProblem(endpoint: string, allowPrivate: boolean): string | null {
  const problem = outgoingUrlProblem(endpoint, allowPrivate);
  if (problem !== null) return problem;
  const { search, hash } = new URL(endpoint);
  return search === "" && hash === "" ? null : "An endpoint must not contain ? or #. The bucket is a separate setting.";
}
