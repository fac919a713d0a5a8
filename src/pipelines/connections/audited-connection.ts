import { type Change, changedFields } from "../../audit/audit.ts";
import { CONNECTION_FACTS } from "./connection-kinds.ts";
import type { ConnectionRow } from "./queries.ts";

/** The audit entry of a connection that was made or deleted. Of a URL it keeps the host only: the rest of one often is a secret. */
export function auditedConnection(connection: ConnectionRow, verb: "create" | "delete"): Change {
  const { kind } = connection;
  const facts = { kind, host: hostOf(connection) };
  return { ...entry(connection, verb), ...(verb === "create" ? { after: facts } : { before: facts }) };
}

/** The audit entry of a connection that was changed: names of settings, and of the secret that it was replaced. Null where nothing was. */
export function auditedConnectionChange(before: ConnectionRow, after: ConnectionRow): Change | null {
  const changed = changedFields(
    { name: before.name, host: hostOf(before), settings: "", secret: "" },
    {
      name: after.name,
      host: hostOf(after),
      settings: changedSettings(before, after),
      secret: replaced(before, after),
    },
  );
  return Object.keys(changed.after).length === 0 ? null : { ...entry(after, "update"), ...changed };
}

function changedSettings(before: ConnectionRow, after: ConnectionRow): string {
  return Object.keys(after.settings)
    .filter((name) => before.settings[name] !== after.settings[name])
    .join(", ");
}

function replaced(before: ConnectionRow, after: ConnectionRow): string {
  return before.sealedSecret === after.sealedSecret ? "" : "replaced";
}

function entry({ id, projectId, name }: ConnectionRow, verb: string) {
  return { projectId, action: `connection.${verb}`, object: { kind: "connection", id, name } } as const;
}

function hostOf({ kind, settings }: ConnectionRow): unknown {
  const address = settings[CONNECTION_FACTS[kind].address];
  return typeof address === "string" && URL.canParse(address) ? new URL(address).host || address : address;
}
