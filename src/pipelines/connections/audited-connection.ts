import type { Change } from "../../audit/audit.ts";
import { CONNECTION_FACTS } from "./connection-kinds.ts";
import type { ConnectionRow } from "./queries.ts";

/** The audit entry of a connection that was made or deleted. Of a URL it keeps the host only: the rest of one often is a secret. */
export function auditedConnection(
  { id, projectId, name, kind, settings }: ConnectionRow,
  verb: "create" | "delete",
): Change {
  const address = settings[CONNECTION_FACTS[kind].address];
  const host = typeof address === "string" && URL.canParse(address) ? new URL(address).host || address : address;
  const facts = { kind, host };
  return {
    projectId,
    action: `connection.${verb}`,
    object: { kind: "connection", id, name },
    ...(verb === "create" ? { after: facts } : { before: facts }),
  };
}
