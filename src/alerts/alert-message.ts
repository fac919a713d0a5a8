import { z } from "zod";
import type { DeploymentRow } from "../deployments/find-deployment.ts";
import { iso } from "../lib/time.ts";
import { alertLabel, thresholdText, valueText } from "./alert-words.ts";
import { oneLine, slackText } from "./message-text.ts";
import { ALERT_KINDS, type alerts } from "./schema.ts";

/** What a webhook is sent as JSON, and an e-mail is made of. */
export const alertMessageSchema = z.object({
  /** One line in the markup of Slack. */
  text: z.string(),
  event: z.enum(["firing", "resolved", "test"]),
  alert: z.object({
    id: z.string(),
    kind: z.enum(ALERT_KINDS),
    metric: z.string().nullable(),
    threshold: z.number(),
  }),
  deployment: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  value: z.number().nullable(),
  threshold: z.number(),
  /** What was found, as plain text. */
  detail: z.string(),
  at: z.string(),
  url: z.string(),
});

export type AlertMessage = z.infer<typeof alertMessageSchema>;
export type Alert = typeof alerts.$inferSelect;

const EVENT_WORDS = { firing: "Firing", resolved: "Resolved", test: "Test" } as const;

/** The message of an event. `detail` is a sentence; names in it may hold anything and stand as they are, but in `text`. */
export function alertMessage(
  event: AlertMessage["event"],
  alert: Alert,
  deployment: Pick<DeploymentRow, "id" | "slug" | "name">,
  found: { value: number | null; detail: string },
  nowMs: number,
): AlertMessage {
  const { id, kind, metric, threshold } = alert;
  const url = `${alert.origin}/deployments/${deployment.slug}/alerts`;
  const value = found.value === null ? "" : `, now ${valueText(alert, found.value)}`;
  const line = `${EVENT_WORDS[event]}: ${alertLabel(alert)} of ${deployment.name}${value} (fires at ${thresholdText(alert)}). ${found.detail}`;
  return {
    text: `${slackText(line)} ${url}`,
    event,
    alert: { id, kind, metric, threshold },
    deployment: { id: deployment.id, slug: deployment.slug, name: deployment.name },
    value: found.value,
    threshold,
    detail: found.detail,
    at: iso(nowMs),
    url,
  };
}

/** The subject of an e-mail, on one line. */
export function emailSubject({ event, alert, deployment }: AlertMessage): string {
  return oneLine(`${EVENT_WORDS[event]}: ${alertLabel(alert)} of ${deployment.name}`);
}

/** The body of an e-mail. */
export function emailText({ event, alert, deployment, value, detail, at, url }: AlertMessage): string {
  const now = value === null ? [] : [`Now:       ${valueText(alert, value)}`];
  return [
    `${EVENT_WORDS[event]}: ${oneLine(detail)}`,
    "",
    `Deployment: ${oneLine(deployment.name)}`,
    `Alert:     ${alertLabel(alert)}`,
    ...now,
    `Fires at:  ${thresholdText(alert)}`,
    `At:        ${at}`,
    "",
    url,
    "",
  ].join("\n");
}
