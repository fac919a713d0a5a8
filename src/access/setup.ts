import { createHash, timingSafeEqual } from "node:crypto";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { type Actor, writeAudit } from "../audit/audit.ts";
import type { Config } from "../config.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { newId } from "../lib/id.ts";
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
 * Creates the first user, an admin of the instance. 409 once there is a user, also for the slower one of two calls at
 * the same time; 403 when the token is wrong or the installation has none.
 */
export async function createFirstUser(
  db: Database,
  config: Pick<Config, "setupToken">,
  input: z.output<typeof setupInput>,
  nowMs: number,
  actor: Actor = { kind: "nobody" },
): Promise<User> {
  if (await hasUsers(db)) throw alreadySetUp();
  requireSetupToken(config, input.setup_token);
  const user = {
    id: newId("usr"),
    email: input.email,
    name: input.name,
    role: "admin",
    createdAt: nowMs,
    deactivatedAt: null,
  } as const;
  const column = (name: string) => sql.identifier(name);
  const inserted = await db.all(sql`
    insert into ${users} (${column(users.id.name)}, ${column(users.email.name)}, ${column(users.name.name)},
      ${column(users.passwordHash.name)}, ${column(users.role.name)}, ${column(users.createdAt.name)})
    select ${user.id}, ${user.email}, ${user.name}, ${hashPassword(input.password)}, ${user.role}, ${nowMs}
    where not exists (select 1 from ${users})
    returning 1`);
  if (inserted.length === 0) throw alreadySetUp();
  // Who holds the setup token is nobody yet.
  await writeAudit(db, actor, userChange("user.create", user, { after: userFacts(user) }), nowMs);
  return user;
}

function requireSetupToken(config: Pick<Config, "setupToken">, given: string): void {
  if (config.setupToken === null) {
    throw new AppError("forbidden", "This installation has no setup token. Set the secret SETUP_TOKEN and try again.");
  }
  // Digests are of one length, so that the comparison takes the same time whatever is given.
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (timingSafeEqual(digest(given), digest(config.setupToken))) return;
  throw new AppError(
    "forbidden",
    "The setup token is not the one of this installation. It is the value of SETUP_TOKEN.",
  );
}

function alreadySetUp(): AppError {
  return new AppError("conflict", "This instance is set up already. Sign in, or ask one of its admins for an account.");
}
