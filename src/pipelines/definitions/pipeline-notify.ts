import { makeSigningSecret, type Notify, type notifyInput, notifyOf } from "../../alerts/notify-input.ts";
import type { z } from "zod";
import type { PipelineRow } from "./queries.ts";

/** Who is told how runs end, as it is stored; `signingSecret` is that of a webhook, in the clear, and null for all else. */
export type MadeNotify = Pick<PipelineRow, "notifyBy" | "notifyTo" | "sealedSecret"> & { signingSecret: string | null };

const NOBODY: MadeNotify = { notifyBy: null, notifyTo: null, sealedSecret: null, signingSecret: null };

/** Where the sealed secret of a pipeline's webhook belongs. */
export function secretPlace(pipelineId: string): string {
  return `pipelines/${pipelineId}/signing_secret`;
}

/** Checks who is to be told, and makes the secret of a webhook. 422 for an address that may not be called. */
export async function makeNotify(
  env: Parameters<typeof notifyOf>[0] & Pick<Env, "SEALING_KEY">,
  pipelineId: string,
  input: z.output<typeof notifyInput> | null,
): Promise<MadeNotify> {
  if (input === null) return NOBODY;
  const notify: Notify = notifyOf(env, input);
  if (notify.notifyBy === "email") return { ...NOBODY, ...notify };
  return { ...notify, ...(await makeSigningSecret(env, secretPlace(pipelineId))) };
}
