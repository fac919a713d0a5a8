import type { InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import type { ProjectRole } from "../access/caller.ts";
import { iso } from "../lib/time.ts";
import type { projects } from "./schema.ts";

export const roleSchema = z.enum(
  ["admin", "contributor", "viewer", "end_user"],
  "role must be admin, contributor, viewer or end_user.",
);

/** A project as one caller sees it: `role` is what that caller may do in it. */
export type Project = InferSelectModel<typeof projects> & { role: ProjectRole };

export const projectSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  created_at: z.string(),
  role: roleSchema.describe("Your role in this project. An admin of the instance is an admin of every project"),
});

/** A project as the API answers it. */
export function projectJson(project: Project): z.infer<typeof projectSchema> {
  const { id, slug, name, description, role } = project;
  return { id, slug, name, description, created_at: iso(project.createdAt), role };
}
