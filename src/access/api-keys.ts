import { and, desc, eq } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { PageRequest } from "../http.ts";
import { sha256Hex } from "../lib/hash.ts";
import { newId } from "../lib/id.ts";
import { iso } from "../lib/time.ts";
import { evictCredential } from "./credential-cache.ts";
import { behindCursor, listPage, type ListPage } from "../list-cursor.ts";
import { apiKeys } from "./schema.ts";
import { newSecret, shownPrefix } from "./secret-text.ts";

export interface NewApiKey {
  deploymentId: string;
  name: string;
  /** UTC ms; absent for a key that does not expire. */
  expiresAt?: number | null;
  /** Id of the user who asked for it. */
  createdBy: string;
}

/** An API key without its secret, which is known only to who was shown it. */
export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  createdBy: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  created_by: z.string(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
});

/** An API key as the API answers it. */
export function apiKeyJson(key: ApiKey): z.infer<typeof apiKeySchema> {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    created_by: key.createdBy,
    created_at: iso(key.createdAt),
    expires_at: iso(key.expiresAt),
    last_used_at: iso(key.lastUsedAt),
  };
}

/**
 * Creates a key of one deployment. The secret is in this answer and nowhere else: the store holds its SHA-256.
 * 422 when it would be expired from the start. Whether the caller may is for the deployment's verbs to decide.
 */
export async function createApiKey(
  db: Database,
  input: NewApiKey,
  nowMs: number,
): Promise<ApiKey & { secret: string }> {
  const expiresAt = input.expiresAt ?? null;
  if (expiresAt !== null && expiresAt <= nowMs) {
    throw new AppError("invalid_input", "expires_at lies in the past. Give a time to come, or none.", {
      errors: [{ path: "expires_at", message: "lies in the past" }],
    });
  }
  const secret = newSecret("tyk");
  const key = {
    id: newId("key"),
    name: input.name,
    prefix: shownPrefix(secret),
    createdBy: input.createdBy,
    createdAt: nowMs,
    expiresAt,
    lastUsedAt: null,
  };
  await db.insert(apiKeys).values({ ...key, deploymentId: input.deploymentId, keyHash: await sha256Hex(secret) });
  return { ...key, secret };
}

/** The keys of a deployment, newest first, expired ones among them. */
export async function listApiKeys(db: Database, deploymentId: string, page: PageRequest): Promise<ListPage<ApiKey>> {
  const rows = await db
    .select({
      id: apiKeys.id,
      name: apiKeys.name,
      prefix: apiKeys.prefix,
      createdBy: apiKeys.createdBy,
      createdAt: apiKeys.createdAt,
      expiresAt: apiKeys.expiresAt,
      lastUsedAt: apiKeys.lastUsedAt,
    })
    .from(apiKeys)
    .where(and(eq(apiKeys.deploymentId, deploymentId), behindCursor(apiKeys.createdAt, apiKeys.id, page)))
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(page.limit + 1);
  return listPage(rows, page);
}

/**
 * Ends a key of the deployment: at once in this isolate, within 4 s in others. Answers what it was called; 404 when the deployment
 * has none with this id.
 */
export async function revokeApiKey(
  db: Database,
  deploymentId: string,
  keyId: string,
): Promise<Pick<ApiKey, "name" | "prefix">> {
  const [deleted] = await db
    .delete(apiKeys)
    .where(and(eq(apiKeys.id, keyId), eq(apiKeys.deploymentId, deploymentId)))
    .returning({ name: apiKeys.name, prefix: apiKeys.prefix });
  evictCredential(keyId);
  if (!deleted) throw new AppError("not_found", "This deployment has no API key with this id.");
  return deleted;
}
