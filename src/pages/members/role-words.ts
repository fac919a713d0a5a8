import type { ProjectRole } from "../../access/caller.ts";

/** The roles from the most to the least that one may do, with what each may. */
export const ROLES: { value: ProjectRole; label: string; may: string }[] = [
  { value: "admin", label: "Admin", may: "also manages members, and deletes anything, including the project" },
  { value: "contributor", label: "Contributor", may: "also creates experiments, models and deployments" },
  { value: "viewer", label: "Viewer", may: "reads everything in the project" },
  { value: "end_user", label: "End user", may: "predicts with its deployments" },
];

export function roleLabel(role: ProjectRole): string {
  return ROLES.find(({ value }) => value === role)?.label ?? role;
}
