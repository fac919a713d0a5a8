import { allowsPrivateNetwork, emailSettings, sealingKey } from "../config.ts";
import { outgoingUrlProblem } from "../lib/outgoing-url.ts";
import { unseal } from "../lib/seal.ts";
import { signWebhook } from "./sign-webhook.ts";

/** Who is to be told. */
export interface Recipient {
  notifyBy: "webhook" | "email";
  /** A URL or an e-mail address. */
  notifyTo: string;
  /** What signs the messages of a webhook, sealed for `secretPlace`. */
  sealedSecret: string | null;
  secretPlace: string;
}

/** A message in the forms that it may be sent in. */
export interface OutgoingMessage {
  /** The same on each attempt: by it a receiver tells a repeated attempt from a new message. */
  id: string;
  /** What a webhook is sent, as JSON. */
  json: Record<string, unknown>;
  /** On one line, of an e-mail. */
  subject: string;
  text: string;
}

/** What became of an attempt: `detail` is a sentence, and says nothing that the receiver has answered but its status. */
export interface Delivered {
  ok: boolean;
  detail: string;
}

const TIMEOUT_MS = 10_000;
/** What operators must set before e-mail can be sent. */
export const EMAIL_UNSET =
  "This instance cannot send e-mail yet: its operator must set EMAIL_API_URL, EMAIL_API_KEY and EMAIL_FROM. Use a webhook until then.";

const NOT_OPENED =
  "The signing secret cannot be opened, because SEALING_KEY has changed. Remove the webhook and add it again to get a new secret.";

/** Sends one message, once. Never throws. A 2xx answer within 10 s is success. */
export async function sendMessage(
  env: Env,
  recipient: Recipient,
  message: OutgoingMessage,
  nowMs: number,
): Promise<Delivered> {
  try {
    return recipient.notifyBy === "email"
      ? await sendEmail(env, recipient.notifyTo, message)
      : await sendWebhook(env, recipient, message, nowMs);
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError")
      return { ok: false, detail: `The receiver did not answer within ${TIMEOUT_MS / 1_000} s.` };
    console.error(`message ${message.id} for ${recipient.secretPlace} was not sent`, error);
    return { ok: false, detail: "The receiver could not be reached." };
  }
}

async function sendWebhook(
  env: Env,
  recipient: Recipient,
  { id, json }: OutgoingMessage,
  nowMs: number,
): Promise<Delivered> {
  // Checked again at each attempt: the setting may have changed since the address was given.
  const problem = outgoingUrlProblem(recipient.notifyTo, allowsPrivateNetwork(env));
  if (problem !== null) return { ok: false, detail: problem };
  const secret = await openSecret(env, recipient);
  if (secret === null) return { ok: false, detail: NOT_OPENED };
  const body = JSON.stringify(json);
  const timestamp = String(Math.floor(nowMs / 1_000));
  return post(recipient.notifyTo, body, {
    "x-tiltyard-delivery": id,
    "x-tiltyard-timestamp": timestamp,
    "x-tiltyard-signature": await signWebhook(secret, timestamp, body),
  });
}

async function openSecret(env: Env, { secretPlace, sealedSecret }: Recipient): Promise<string | null> {
  try {
    return await unseal(sealingKey(env), secretPlace, sealedSecret ?? "");
  } catch (error) {
    console.error(`${secretPlace} was not opened`, error);
    return null;
  }
}

/** In the form of Resend's API, which other providers take too. */
async function sendEmail(env: Env, to: string, { id, subject, text }: OutgoingMessage): Promise<Delivered> {
  const settings = emailSettings(env);
  if (!settings) return { ok: false, detail: EMAIL_UNSET };
  return post(settings.apiUrl, JSON.stringify({ from: settings.from, to, subject, text }), {
    authorization: `Bearer ${settings.apiKey}`,
    // By this a provider tells a repeated attempt from a new message.
    "idempotency-key": id,
  });
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<Delivered> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "Tiltyard", ...headers },
    body,
    // A redirect could lead to an address that may not be called.
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  const { status } = response;
  if (response.ok) return { ok: true, detail: `The receiver answered ${status}.` };
  if (status >= 300 && status < 400)
    return {
      ok: false,
      detail: `The receiver answered ${status}, a redirect, which is not followed. Give the address that it leads to.`,
    };
  return { ok: false, detail: `The receiver answered ${status}.` };
}
