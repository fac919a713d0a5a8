import { and, desc, eq } from "drizzle-orm";
import { z } from "zod";
import { auditedChange } from "../audit/audited-change.ts";
import type { Database } from "../db.ts";
import { AppError, invalid } from "../errors.ts";
import type { PageRequest } from "../http.ts";
import { sha256Hex } from "../lib/hash.ts";
import { newId } from "../lib/id.ts";
import { iso } from "../lib/time.ts";
import type { VerbContext } from "../verb-context.ts";
import { requireUser } from "./authorize.ts";
import { evictCredential } from "./credential-cache.ts";
import { behindCursor, listPage, type ListPage } from "../list-cursor.ts";
import { apiKeys } from "./schema.ts";
import { newSecret, shownPrefix } from "./secret-text.ts";

/** The deployment whose keys are made and ended: what the audit log says of it. */
interface KeyedDeployment {
  id: string;
  slug: string;
  projectId: string;
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
  ctx: VerbContext,
  { deployment, name, expiresAt }: { deployment: KeyedDeployment; name: string; expiresAt: number | null },
): Promise<ApiKey & { secret: string }> {
  const { db, nowMs } = ctx;
  if (expiresAt !== null && expiresAt <= nowMs) {
    throw invalid("expires_at", "expires_at is in the past. Give a future time, or none.", "is in the past");
  }
  const secret = newSecret("tyk");
  const key = {
    id: newId("key"),
    name,
    prefix: shownPrefix(secret),
    createdBy: requireUser(ctx.caller).userId,
    createdAt: nowMs,
    expiresAt,
    lastUsedAt: null,
  };
  const row = { ...key, deploymentId: deployment.id, keyHash: await sha256Hex(secret) };
  await auditedChange(ctx, db.insert(apiKeys).values(row), {
    projectId: deployment.projectId,
    action: "key.create",
    object: { kind: "key", id: key.id, name },
    after: { deployment: deployment.slug, prefix: key.prefix, expires_at: expiresAt },
  });
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
 * Ends a key of the deployment: at once in this isolate, within 4 s in others. 404 when the deployment has none with this id.
 * Whether the caller may is for the deployment's verbs to decide.
 */
export async function revokeApiKey(
  ctx: VerbContext,
  { deployment, key: id }: { deployment: KeyedDeployment; key: string },
): Promise<void> {
  const { db } = ctx;
  const isKey = and(eq(apiKeys.id, id), eq(apiKeys.deploymentId, deployment.id));
  const [key] = await db.select({ name: apiKeys.name, prefix: apiKeys.prefix }).from(apiKeys).where(isKey);
  if (!key) throw new AppError("not_found", "API key not found.");
  await auditedChange(ctx, db.delete(apiKeys).where(isKey), {
    projectId: deployment.projectId,
    action: "key.revoke",
    object: { kind: "key", id, name: key.name },
    before: { deployment: deployment.slug, prefix: key.prefix },
  });
  evictCredential(id);
}
