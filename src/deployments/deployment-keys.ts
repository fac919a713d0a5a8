import { type ApiKey, createApiKey, revokeApiKey } from "../access/api-keys.ts";
import { requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { requireDeployment } from "./find-deployment.ts";

/** Makes an API key of a deployment, for its contributors. The secret is in this answer and nowhere else. */
export async function addKey(
  db: Database,
  caller: Caller,
  deploymentIdOrSlug: string,
  input: { name: string; expiresAt: number | null },
  nowMs: number,
): Promise<ApiKey & { secret: string }> {
  const deployment = await requireDeployment(db, caller, deploymentIdOrSlug, "change");
  const user = requireUser(caller);
  const key = await createApiKey(db, { ...input, deploymentId: deployment.id, createdBy: user.userId }, nowMs);
  const { id, name, prefix, expiresAt } = key;
  const change = {
    projectId: deployment.projectId,
    action: "key.create",
    object: { kind: "key", id, name },
    after: { deployment: deployment.slug, prefix, expires_at: expiresAt },
  } as const;
  await writeAudit(db, user, change, nowMs);
  return key;
}

/** Ends an API key of a deployment, for its contributors; 404 when it has none with this id. */
export async function removeKey(
  db: Database,
  caller: Caller,
  deploymentIdOrSlug: string,
  keyId: string,
  nowMs: number,
): Promise<void> {
  const deployment = await requireDeployment(db, caller, deploymentIdOrSlug, "change");
  const { name, prefix } = await revokeApiKey(db, deployment.id, keyId);
  const change = {
    projectId: deployment.projectId,
    action: "key.revoke",
    object: { kind: "key", id: keyId, name },
    before: { deployment: deployment.slug, prefix },
  } as const;
  await writeAudit(db, requireUser(caller), change, nowMs);
}
