import { and, desc, eq } from "drizzle-orm";
import { z } from "zod";
import { auditedChange } from "../audit/audited-change.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { PageRequest } from "../http.ts";
import { insertWhere } from "../insert-where.ts";
import { sha256Hex } from "../lib/hash.ts";
import { newId } from "../lib/id.ts";
import { DAY_MS, iso } from "../lib/time.ts";
import type { VerbContext } from "../verb-context.ts";
import { nameInput } from "./account-input.ts";
import { requireUser } from "./authorize.ts";
import { evictCredential } from "./credential-cache.ts";
import { behindCursor, listPage, type ListPage } from "../list-cursor.ts";
import { isActive } from "./queries.ts";
import { personalTokens } from "./schema.ts";
import { newSecret, shownPrefix } from "./secret-text.ts";

// Ten years; who wants longer means forever.
const EXPIRES_DAYS_MAX = 3_650;

export const tokenInput = z.object({
  name: nameInput,
  expires_in_days: z
    .number("expires_in_days must be a number of days.")
    .int("expires_in_days must be a whole number of days.")
    .min(1, "expires_in_days must be at least 1.")
    .max(
      EXPIRES_DAYS_MAX,
      `expires_in_days must be at most ${EXPIRES_DAYS_MAX}. Leave it out for a token that does not expire.`,
    )
    .nullish(),
});

/** A personal token without its secret, which is known only to who was shown it. */
export interface PersonalToken {
  id: string;
  name: string;
  prefix: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
});

/** A personal token as the API answers it. */
export function tokenJson(token: PersonalToken): z.infer<typeof tokenSchema> {
  return {
    id: token.id,
    name: token.name,
    prefix: token.prefix,
    created_at: iso(token.createdAt),
    expires_at: iso(token.expiresAt),
    last_used_at: iso(token.lastUsedAt),
  };
}

/**
 * Creates a token that acts as the user. The secret is in this answer and nowhere else: the store holds its SHA-256.
 * 401 when the user is gone or deactivated by now.
 */
export async function createPersonalToken(
  ctx: VerbContext,
  input: z.output<typeof tokenInput> & { user: string },
): Promise<PersonalToken & { secret: string }> {
  const { db, nowMs } = ctx;
  const userId = input.user;
  const secret = newSecret("typ");
  const token = {
    id: newId("tok"),
    name: input.name,
    prefix: shownPrefix(secret),
    createdAt: nowMs,
    expiresAt: input.expires_in_days ? nowMs + input.expires_in_days * DAY_MS : null,
    lastUsedAt: null,
  };
  const row = { ...token, userId, tokenHash: await sha256Hex(secret) };
  // In the write itself: a token must not outlive a deactivation that happens meanwhile.
  const [inserted] = await auditedChange(
    ctx,
    insertWhere(db, personalTokens, row, isActive(db, userId)).returning({ id: personalTokens.id }),
    {
      projectId: null,
      action: "token.create",
      object: { kind: "token", id: token.id, name: token.name },
      after: { user_id: userId, prefix: token.prefix, expires_at: iso(token.expiresAt) },
    },
  );
  if (!inserted) throw new AppError("unauthorized", "This user is deactivated or no longer exists.");
  return { ...token, secret };
}

/** The tokens of the user, newest first, expired ones among them. */
export async function listPersonalTokens(
  db: Database,
  userId: string,
  page: PageRequest,
): Promise<ListPage<PersonalToken>> {
  const rows = await db
    .select({
      id: personalTokens.id,
      name: personalTokens.name,
      prefix: personalTokens.prefix,
      createdAt: personalTokens.createdAt,
      expiresAt: personalTokens.expiresAt,
      lastUsedAt: personalTokens.lastUsedAt,
    })
    .from(personalTokens)
    .where(and(eq(personalTokens.userId, userId), behindCursor(personalTokens.createdAt, personalTokens.id, page)))
    .orderBy(desc(personalTokens.createdAt), desc(personalTokens.id))
    .limit(page.limit + 1);
  return listPage(rows, page);
}

/** Ends a token of the calling user: at once in this isolate, within 4 s in others. 404 when the user has none with this id. */
export async function revokePersonalToken(ctx: VerbContext, { token: id }: { token: string }): Promise<void> {
  const { db } = ctx;
  const isTheirs = and(eq(personalTokens.id, id), eq(personalTokens.userId, requireUser(ctx.caller).userId));
  const [token] = await db.select({ name: personalTokens.name }).from(personalTokens).where(isTheirs);
  if (!token) throw new AppError("not_found", "Personal token not found.");
  await auditedChange(ctx, db.delete(personalTokens).where(isTheirs), {
    projectId: null,
    action: "token.revoke",
    object: { kind: "token", id, name: token.name },
  });
  evictCredential(id);
}
