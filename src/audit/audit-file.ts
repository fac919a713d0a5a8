import { csvField } from "../lib/csv-line.ts";
import { iso } from "../lib/time.ts";
import { type AuditEntry, auditEntryJson } from "./audit-json.ts";

export type AuditFormat = "csv" | "ndjson";

const COLUMNS = {
  at: (entry) => iso(entry.at),
  project_id: (entry) => entry.projectId,
  actor_kind: (entry) => entry.actorKind,
  actor_id: (entry) => entry.actorId,
  actor_name: (entry) => entry.actorName,
  via: (entry) => entry.via,
  address: (entry) => entry.address,
  action: (entry) => entry.action,
  object_kind: (entry) => entry.objectKind,
  object_id: (entry) => entry.objectId,
  object_name: (entry) => entry.objectName,
  before: (entry) => entry.before,
  after: (entry) => entry.after,
} as const satisfies Record<string, (entry: AuditEntry) => string | null>;

/** What stands before the first entry of a file: the header row of a CSV, nothing of lines of JSON. */
export function auditFileStart(format: AuditFormat): string {
  return format === "csv" ? `${Object.keys(COLUMNS).join(",")}\r\n` : "";
}

/** One line of a file, its end included. */
export function auditFileLine(entry: AuditEntry, format: AuditFormat): string {
  if (format === "ndjson") return `${JSON.stringify(auditEntryJson(entry))}\n`;
  const cells = Object.values(COLUMNS).map((read) => csvCell(read(entry) ?? ""));
  return `${cells.join(",")}\r\n`;
}

/** A cell as RFC 4180 quotes it. An apostrophe goes before what a spreadsheet would take for a formula. */
export function csvCell(text: string): string {
  return csvField(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
}
