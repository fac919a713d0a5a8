import { type Alert, type AlertMessage, emailSubject, emailText } from "./alert-message.ts";
import { type Delivered, sendMessage } from "./send-message.ts";

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
  const recipient = { ...alert, secretPlace: secretPlace(alert.id) };
  const outgoing = { id, json: message, subject: emailSubject(message), text: emailText(message) };
  return sendMessage(env, recipient, outgoing, nowMs);
}
