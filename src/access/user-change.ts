import type { Change } from "../audit/audit.ts";
import type { User } from "./user-json.ts";

/** A change of a user for the audit log: of the instance, and named by the email. */
export function userChange(
  action: `user.${string}`,
  user: Pick<User, "id" | "email">,
  sides: Pick<Change, "before" | "after"> = {},
): Change {
  return { projectId: null, action, object: { kind: "user", id: user.id, name: user.email }, ...sides };
}

/** What the audit log says of a user who comes or goes. */
export function userFacts({ email, name, role }: Pick<User, "email" | "name" | "role">) {
  return { email, name, role };
}
