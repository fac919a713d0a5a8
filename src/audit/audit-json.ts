import type { InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import { iso } from "../lib/time.ts";
import type { auditEntries } from "./schema.ts";

export type AuditEntry = InferSelectModel<typeof auditEntries>;

const changes = z.record(z.string(), z.unknown()).nullable();

export const auditEntrySchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  project_id: z.string().nullable().describe("null: for the instance, not for one project"),
  actor: z.object({
    kind: z.enum(["user", "key", "nobody", "system"]),
    id: z.string().nullable(),
    name: z.string().nullable().describe("Email of a user"),
  }),
  via: z.enum(["session", "token", "key"]).nullable(),
  address: z.string().nullable().describe("Network address"),
  action: z.string().describe("`<object kind>.<verb>`, as in `project.create`"),
  object: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable().describe("As it was then") }),
  before: changes,
  after: changes,
});

/** An entry of the audit log as the API answers it. */
export function auditEntryJson(entry: AuditEntry): z.infer<typeof auditEntrySchema> {
  return {
    id: entry.id,
    at: iso(entry.at),
    project_id: entry.projectId,
    actor: { kind: entry.actorKind, id: entry.actorId, name: entry.actorName },
    via: entry.via,
    address: entry.address,
    action: entry.action,
    object: { kind: entry.objectKind, id: entry.objectId, name: entry.objectName },
    before: readChanges(entry.before),
    after: readChanges(entry.after),
  };
}

/** What an entry keeps of one side: an object, as `entryOf` made it. */
export function readChanges(json: string | null): Record<string, unknown> | null {
  return json === null ? null : z.record(z.string(), z.unknown()).parse(JSON.parse(json));
}
