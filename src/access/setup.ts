import { createHash, timingSafeEqual } from "node:crypto";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { type Config, readConfig } from "../config.ts";
import { AppError } from "../errors.ts";
import { insertWhere } from "../insert-where.ts";
import { newId } from "../lib/id.ts";
import type { VerbContext } from "../verb-context.ts";
import { emailInput, nameInput, passwordInput } from "./account-input.ts";
import { hashPassword } from "./password.ts";
import { hasUsers } from "./queries.ts";
import { users } from "./schema.ts";
import { userChange, userFacts } from "./user-change.ts";
import type { User } from "./user-json.ts";

export const setupInput = z.object({
  setup_token: z.string("Give the setup token.").min(1, "Give the setup token."),
  email: emailInput,
  name: nameInput,
  password: passwordInput,
});

/**
 * The first user, an admin of the instance, the statement that writes them where nobody was faster, and what the audit log says of it.
 * 409 once there is a user; 403 when the token is wrong or the installation has none.
 */
export async function firstUser({ env, db, nowMs }: VerbContext, input: z.output<typeof setupInput>) {
  if (await hasUsers(db)) throw alreadySetUp();
  requireSetupToken(readConfig(env), input.setup_token);
  const user: User = {
    id: newId("usr"),
    email: input.email,
    name: input.name,
    role: "admin",
    createdAt: nowMs,
    deactivatedAt: null,
  };
  const row = { ...user, passwordHash: hashPassword(input.password) };
  return {
    user,
    insert: insertWhere(db, users, row, sql`not exists (select 1 from ${users})`).returning({ id: users.id }),
    created: userChange("user.create", user, { after: userFacts(user) }),
  };
}

function requireSetupToken(config: Pick<Config, "setupToken">, given: string): void {
  if (config.setupToken === null) {
    throw new AppError("forbidden", "This installation has no setup token. Set the secret SETUP_TOKEN and try again.");
  }
  // Digests are of one length, so that the comparison takes the same time whatever is given.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (timingSafeEqual(digest(given), digest(config.setupToken))) return;
  throw new AppError("forbidden", "The setup token is wrong. It is the value of SETUP_TOKEN.");
}

/** The refusal of a second setup. */
export function alreadySetUp(): AppError {
  return new AppError("conflict", "This instance is already set up. Sign in, or ask one of its admins for an account.");
}
