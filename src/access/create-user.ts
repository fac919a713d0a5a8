import { z } from "zod";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { newId } from "../lib/id.ts";
import { emailInput, nameInput, passwordInput } from "./account-input.ts";
import { requireInstanceAdmin } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import { hashPassword } from "./password.ts";
import { users } from "./schema.ts";
import type { User } from "./user-json.ts";

export const userInput = z.object({
  email: emailInput,
  name: nameInput,
  password: passwordInput,
  role: z.enum(["admin", "member"], "role is admin or member.").default("member"),
});

/** Creates a user of the instance. 403 unless an admin of the instance calls; 409 when the email is taken. */
export async function createUser(
  db: Database,
  caller: Caller,
  input: z.output<typeof userInput>,
  nowMs: number,
): Promise<User> {
  requireInstanceAdmin(caller);
  const { password, ...given } = input;
  const user = { id: newId("usr"), ...given, createdAt: nowMs, deactivatedAt: null };
  const inserted = await db
    .insert(users)
    .values({ ...user, passwordHash: hashPassword(password) })
    .onConflictDoNothing({ target: users.email })
    .returning({ id: users.id });
  if (inserted.length === 0) {
    throw new AppError("conflict", `There is a user with the email ${user.email} already.`, {
      errors: [{ path: "email", message: "taken" }],
    });
  }
  return user;
}
