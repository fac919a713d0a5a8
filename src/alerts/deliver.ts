import { allowsPrivateNetwork, emailSettings, sealingKey } from "../config.ts";
import { outgoingUrlProblem } from "../lib/outgoing-url.ts";
import { unseal } from "../lib/seal.ts";
import { type Alert, type AlertMessage, emailSubject, emailText } from "./alert-message.ts";
import { signWebhook } from "./sign-webhook.ts";

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
  "The signing secret cannot be opened: SEALING_KEY is not the one that it was sealed with. Make the alert anew.";

/** Where the sealed secret of an alert belongs. */
export function secretPlace(alertId: string): string {
  return `alerts/${alertId}/signing_secret`;
}

/** Sends one message to whom the alert is to tell. Never throws; `id` is the same on each attempt. A 2xx answer within 10 s is success. */
export async function deliver(
  env: Env,
  alert: Alert,
  id: string,
  message: AlertMessage,
  nowMs: number,
): Promise<Delivered> {
  try {
    const isEmail = alert.notifyBy === "email";
    return isEmail
      ? await sendEmail(env, alert.notifyTo, id, message)
      : await sendWebhook(env, alert, id, message, nowMs);
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError")
      return { ok: false, detail: `The receiver did not answer within ${TIMEOUT_MS / 1_000} s.` };
    console.error(`message ${id} of alert ${alert.id} was not sent`, error);
    return { ok: false, detail: "The receiver could not be reached." };
  }
}

async function sendWebhook(
  env: Env,
  alert: Alert,
  id: string,
  message: AlertMessage,
  nowMs: number,
): Promise<Delivered> {
  // Checked again at each attempt: the setting may have changed since the alert was made.
  const problem = outgoingUrlProblem(alert.notifyTo, allowsPrivateNetwork(env));
  if (problem !== null) return { ok: false, detail: problem };
  const secret = await openSecret(env, alert);
  if (secret === null) return { ok: false, detail: NOT_OPENED };
  const body = JSON.stringify(message);
  const timestamp = String(Math.floor(nowMs / 1_000));
  return post(alert.notifyTo, body, {
    "x-tiltyard-delivery": id,
    "x-tiltyard-timestamp": timestamp,
    "x-tiltyard-signature": await signWebhook(secret, timestamp, body),
  });
}

async function openSecret(env: Env, { id, sealedSecret }: Alert): Promise<string | null> {
  try {
    return await unseal(sealingKey(env), secretPlace(id), sealedSecret ?? "");
  } catch (error) {
    console.error(`the signing secret of alert ${id} was not opened`, error);
    return null;
  }
}

/** In the form of Resend's API, which other providers take too. */
async function sendEmail(env: Env, to: string, id: string, message: AlertMessage): Promise<Delivered> {
  const settings = emailSettings(env);
  if (!settings) return { ok: false, detail: EMAIL_UNSET };
  const body = { from: settings.from, to, subject: emailSubject(message), text: emailText(message) };
  return post(settings.apiUrl, JSON.stringify(body), {
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
      detail: `The receiver answered ${status}, a redirect, which is not followed. Give the address it leads to.`,
    };
  return { ok: false, detail: `The receiver answered ${status}.` };
}
