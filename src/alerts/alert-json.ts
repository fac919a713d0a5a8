import { z } from "zod";
import { iso } from "../lib/time.ts";
import type { Alert } from "./alert-message.ts";
import { notifyJson, notifySchema } from "./notify-input.ts";
import { ALERT_KINDS } from "./schema.ts";

export const alertSchema = z.object({
  id: z.string(),
  kind: z.enum(ALERT_KINDS),
  threshold: z.number(),
  metric: z.string().nullable().describe("For performance: the metric of the threshold"),
  notify: notifySchema,
  created_at: z.iso.datetime(),
  created_by: z.string(),
  state: z.enum(["ok", "firing", "unknown"]).describe("unknown: too little data to judge"),
  since: z.iso.datetime(),
  last_value: z.number().nullable().describe("In the unit of the threshold"),
  last_detail: z.string().nullable().describe("The result of the last check, in a sentence"),
  last_checked_at: z.iso.datetime().nullable(),
  last_error: z.string().nullable().describe("Why the last message was not delivered, or why the last check failed"),
});

export const createdAlertSchema = alertSchema.extend({
  signing_secret: z.string().nullable().describe("For a webhook; shown only once"),
});

export const testedAlertSchema = z.object({ ok: z.boolean(), detail: z.string() });

/** An alert as the API answers it. */
export function alertJson(alert: Alert): z.infer<typeof alertSchema> {
  const { id, kind, threshold, metric, state, lastValue } = alert;
  return {
    id,
    kind,
    threshold,
    metric,
    notify: notifyJson(alert),
    created_at: iso(alert.createdAt),
    created_by: alert.createdBy,
    state,
    since: iso(alert.since),
    last_value: lastValue,
    last_detail: alert.lastDetail,
    last_checked_at: iso(alert.lastCheckedAt),
    last_error: alert.deliveryError ?? alert.checkError,
  };
}
