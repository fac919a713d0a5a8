import { type ApiKey, createApiKey, revokeApiKey } from "../access/api-keys.ts";
import type { VerbContext } from "../verb-context.ts";
import { requireDeployment } from "./find-deployment.ts";

/** Makes an API key of a deployment, for its contributors. The secret is in this answer and nowhere else. */
export async function addKey(
  ctx: VerbContext,
  input: { deployment: string; name: string; expiresAt: number | null },
): Promise<ApiKey & { secret: string }> {
  const deployment = await requireDeployment(ctx.db, ctx.caller, input.deployment, "change");
  return createApiKey(ctx, { ...input, deployment });
}

/** Ends an API key of a deployment, for its contributors; 404 when it has none with this id. */
export async function removeKey(ctx: VerbContext, input: { deployment: string; key: string }): Promise<void> {
  const deployment = await requireDeployment(ctx.db, ctx.caller, input.deployment, "change");
  await revokeApiKey(ctx, { ...input, deployment });
}
