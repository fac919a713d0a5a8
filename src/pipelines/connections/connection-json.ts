import { z } from "zod";
import { iso } from "../../lib/time.ts";
import { CONNECTION_KINDS } from "../schema.ts";
import type { ConnectionRow } from "./queries.ts";

export const connectionSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  name: z.string(),
  kind: z.enum(CONNECTION_KINDS),
  settings: z.record(z.string(), z.unknown()).describe("As given; the secret is never read back"),
  created_at: z.iso.datetime(),
  created_by: z.string(),
});

export const testedConnectionSchema = z.object({
  ok: z.boolean(),
  detail: z.string().describe("The result, in a sentence that says what to do"),
});

/** A connection as the API answers it: all but its secret. */
export function connectionJson(row: ConnectionRow): z.infer<typeof connectionSchema> {
  const { id, projectId, name, kind, settings, createdAt, createdBy } = row;
  return {
    id,
    project_id: projectId,
    name,
    kind,
    settings,
    created_at: iso(createdAt),
    created_by: createdBy,
  };
}
