import type { InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import { iso } from "../lib/time.ts";
import type { users } from "./schema.ts";

/** A user as other code may hold it: without the password hash. */
export type User = Omit<InferSelectModel<typeof users>, "passwordHash">;

/** A user as an admin of the instance sees it. */
export type ManagedUser = User & {
  hasPassword: boolean;
  /** Of the link that is open; it may lie in the past. null when there is none. */
  invitationExpiresAt: number | null;
};

export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(["admin", "member"]),
  created_at: z.string(),
  active: z.boolean().describe("False for a deactivated user, whose sessions and tokens do not work"),
});

/** A user as the API answers it. */
export function userJson(user: User): z.infer<typeof userSchema> {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    created_at: iso(user.createdAt),
    active: user.deactivatedAt === null,
  };
}

export const managedUserSchema = userSchema.extend({
  has_password: z.boolean().describe("False until the user has accepted an invitation"),
  invitation_expires_at: z.string().nullable().describe("For the newest unused link; null for none"),
});

/** A user as the API answers it to an admin of the instance. */
export function managedUserJson(user: ManagedUser): z.infer<typeof managedUserSchema> {
  return { ...userJson(user), has_password: user.hasPassword, invitation_expires_at: iso(user.invitationExpiresAt) };
}
