import type { InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import { iso } from "../lib/time.ts";
import type { users } from "./schema.ts";

/** A user as other code may hold it: without the password hash. */
export type User = Omit<InferSelectModel<typeof users>, "passwordHash">;

export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(["admin", "member"]),
  created_at: z.string(),
  active: z.boolean().describe("False for a deactivated user: no session and no token of theirs works"),
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
