import { z } from "zod";
import { emailInput } from "../access/account-input.ts";
import { randomBase62 } from "../access/secret-text.ts";
import { allowsPrivateNetwork, emailSettings, sealingKey } from "../config.ts";
import { invalid } from "../errors.ts";
import { outgoingUrlProblem } from "../lib/outgoing-url.ts";
import { seal } from "../lib/seal.ts";
import { EMAIL_UNSET } from "./send-message.ts";

const ONE_OF_BOTH = "notify must be {webhook_url} or {email}.";

/** Whom to tell: one webhook or one e-mail address. */
export const notifyInput = z
  .object({ webhook_url: z.string().trim().nullish(), email: emailInput.nullish() }, ONE_OF_BOTH)
  .refine(({ webhook_url, email }) => Boolean(webhook_url) !== Boolean(email), ONE_OF_BOTH);

/** The same as answers tell it. */
export const notifySchema = z.union([z.object({ webhook_url: z.string() }), z.object({ email: z.string() })]);

export interface Notify {
  notifyBy: "webhook" | "email";
  notifyTo: string;
}

/** Whom to tell, checked: 422 for an address that may not be called, and for e-mail where the operator has set no provider. */
export function notifyOf(
  env: Pick<Env, "ALLOW_PRIVATE_NETWORK" | "EMAIL_API_URL" | "EMAIL_API_KEY" | "EMAIL_FROM">,
  { webhook_url: url, email }: z.output<typeof notifyInput>,
): Notify {
  if (email) {
    if (!emailSettings(env)) throw invalid("notify.email", EMAIL_UNSET);
    return { notifyBy: "email", notifyTo: email };
  }
  const problem = outgoingUrlProblem(url ?? "", allowsPrivateNetwork(env));
  if (problem !== null) throw invalid("notify.webhook_url", problem);
  return { notifyBy: "webhook", notifyTo: url ?? "" };
}

/** A new secret that signs messages, in the clear for who made it and sealed for its place. */
export async function makeSigningSecret(
  env: Pick<Env, "SEALING_KEY">,
  secretPlace: string,
): Promise<{ signingSecret: string; sealedSecret: string }> {
  const signingSecret = `tys_${randomBase62()}`;
  return { signingSecret, sealedSecret: await seal(sealingKey(env), secretPlace, signingSecret) };
}

/** The JSON of whom to tell. */
export function notifyJson({ notifyBy, notifyTo }: Notify): z.infer<typeof notifySchema> {
  return notifyBy === "webhook" ? { webhook_url: notifyTo } : { email: notifyTo };
}
