import { CONNECTION_FACTS, type ConnectionKind } from "../../../pipelines/connections/connection-kinds.ts";
import type { FormError } from "../../../ui/form-layout.tsx";
import { isTimeZone } from "../../../pipelines/schedules/time-zone.ts";
import { wallClock, wallClockMs } from "../../../pipelines/schedules/wall-clock.ts";
import type { Schedule } from "../../../pipelines/schema.ts";
import { DESTINATIONS_MAX } from "../../../pipelines/definitions/pipeline-limits.ts";
import type { PipelineRow } from "../../../pipelines/definitions/queries.ts";

/** What stands in the form of a pipeline, by the names of its fields: they are the paths of what the API takes. */
export type PipelineFields = Partial<Record<string, string>>;

/** Schedules that most people want; each can be changed where it was filled in. */
export const PRESETS = { weekly: "0 6 * * 1", daily: "0 6 * * *", hourly: "0 * * * *" } as const;
export const OWN_CRON = "own";
export const TIMEZONE_DEFAULT = "UTC";
const SLOTS_MIN = 3;

/** A new pipeline: what the address asks for, and what is usual. */
export function newFields(query: Record<string, string>, deployments: readonly { id: string }[]): PipelineFields {
  const [only] = deployments;
  const { deployment, dataset } = query;
  return {
    deployment_id: deployment ?? (deployments.length === 1 ? only?.id : undefined),
    "source.kind": "dataset",
    "source.dataset_id": dataset,
    enabled: "true",
  };
}

/** A pipeline as its form shows it. */
export function fieldsOf(pipeline: PipelineRow): PipelineFields {
  const { name, deploymentId, source, destinations, schedule, enabled, notifyBy, notifyTo } = pipeline;
  const fields: PipelineFields = { name, deployment_id: deploymentId, ...(enabled && { enabled: "true" }) };
  for (const [key, value] of Object.entries(source)) fields[`source.${key}`] = value;
  for (const [slot, destination] of destinations.entries())
    for (const [key, value] of Object.entries(destination))
      fields[slotField(slot, key)] = Array.isArray(value) ? value.join(", ") : String(value);
  if (notifyBy !== null) fields["notify.by"] = notifyBy;
  if (notifyBy !== null) fields[`notify.${notifyBy === "webhook" ? "webhook_url" : "email"}`] = notifyTo ?? "";
  return { ...fields, ...(schedule && scheduleFields(schedule)) };
}

function scheduleFields({ cron, timezone, starts_at: from, ends_at: to }: Schedule): PipelineFields {
  const preset = Object.entries(PRESETS).find(([, expression]) => expression === cron)?.[0] ?? OWN_CRON;
  return {
    "schedule.preset": preset,
    "schedule.filled": preset,
    "schedule.cron": cron,
    "schedule.timezone": timezone,
    "schedule.starts_at": from && wallClock(Date.parse(from), timezone),
    "schedule.ends_at": to && wallClock(Date.parse(to), timezone),
  };
}

/** The fields with the expression of the chosen preset filled in, unless it has been already and was perhaps changed since. */
export function withPreset(fields: PipelineFields): PipelineFields {
  const preset = fields["schedule.preset"] ?? "";
  if (preset === "" || fields["schedule.filled"] === preset) return fields;
  const cron = preset in PRESETS ? PRESETS[preset as keyof typeof PRESETS] : fields["schedule.cron"];
  return { ...fields, "schedule.filled": preset, "schedule.cron": cron };
}

/** The name of a field of a destination. */
export function slotField(slot: number, key: string): string {
  return `destinations[${slot}].${key}`;
}

/** How many destinations the form shows. */
export function slotsOf(fields: PipelineFields): number {
  const used = usedSlots(fields);
  return Math.max(SLOTS_MIN, (used.at(-1) ?? 0) + 1);
}

/** The places of the form at which there is a destination. */
export function usedSlots(fields: PipelineFields): number[] {
  return Array.from({ length: DESTINATIONS_MAX }, (_, slot) => slot).filter(
    (slot) => (fields[slotField(slot, "connection_id")] ?? "") !== "",
  );
}

/**
 * The fields as the API takes them; of a destination those that the kind of its connection has. `before` is the pipeline that is changed.
 */
export function bodyOf(
  fields: PipelineFields,
  kinds: ReadonlyMap<string, ConnectionKind>,
  before: PipelineRow | null,
): Record<string, unknown> & { destinations: Record<string, unknown>[] } {
  const source = Object.entries(fields).filter(([name]) => name.startsWith("source."));
  return {
    name: fields["name"],
    deployment_id: fields["deployment_id"] ?? "",
    source: Object.fromEntries(
      source.map(([name, value]) => [
        name.slice("source.".length),
        name === "source.dates" ? value || undefined : value,
      ]),
    ),
    destinations: usedSlots(fields).map((slot) => destinationOf(fields, slot, kinds)),
    schedule: scheduleOf(fields, before?.schedule ?? null),
    enabled: fields["enabled"] === "true",
    notify: notifyOf(fields),
  };
}

function destinationOf(
  fields: PipelineFields,
  slot: number,
  kinds: ReadonlyMap<string, ConnectionKind>,
): Record<string, unknown> {
  const given = (key: string) => fields[slotField(slot, key)]?.trim() || undefined;
  const connection = { connection_id: given("connection_id"), challenger: given("challenger") === "true" };
  const kind = kinds.get(connection.connection_id ?? "");
  if (kind === undefined) return connection;
  switch (CONNECTION_FACTS[kind].receives) {
    case "table": {
      const mode = given("mode");
      const keys = (given("key_columns") ?? "").split(",").map((name) => name.trim());
      const key_columns = mode === "upsert" ? keys.filter((name) => name !== "") : undefined;
      const run_columns = given("run_columns") === "true";
      return { ...connection, table: given("table"), mode, key_columns, run_columns };
    }
    case "object":
      return { ...connection, key_pattern: given("key_pattern"), format: given("format") };
    case "message":
      return connection;
  }
}

/** The schedule that the form says, times by the clock of its time zone; null without one. */
export function scheduleOf(typed: PipelineFields, before: Schedule | null): Record<string, string | undefined> | null {
  const fields = withPreset(typed);
  if ((fields["schedule.preset"] ?? "") === "") return null;
  const timezone = fields["schedule.timezone"]?.trim() ?? "";
  const moment = (name: "starts_at" | "ends_at"): string | undefined => {
    const text = fields[`schedule.${name}`]?.trim() ?? "";
    if (text === "") return undefined;
    const present = before?.timezone === timezone ? before[name] : undefined;
    // What was not touched stays as it was written.
    if (present !== undefined && wallClock(Date.parse(present), timezone) === text) return present;
    // A zone that is none is told of at its own field.
    const ms = wallClockMs(text, isTimeZone(timezone) ? timezone : TIMEZONE_DEFAULT);
    return ms === null ? text : new Date(ms).toISOString();
  };
  return { cron: fields["schedule.cron"], timezone, starts_at: moment("starts_at"), ends_at: moment("ends_at") };
}

function notifyOf(fields: PipelineFields): Record<string, string> | null {
  switch (fields["notify.by"]) {
    case "webhook":
      return { webhook_url: fields["notify.webhook_url"] ?? "" };
    case "email":
      return { email: fields["notify.email"] ?? "" };
    default:
      return null;
  }
}

/** Errors of the API at the fields of the form: it shows destinations that the API was not sent, and says each thing as a sentence. */
export function errorsAtFields(errors: readonly FormError[], fields: PipelineFields): FormError[] {
  const used = usedSlots(fields);
  return errors.map(({ path, message }) => ({ path: path && fieldAt(path, fields, used), message: sentence(message) }));
}

function fieldAt(path: string, fields: PipelineFields, used: readonly number[]): string {
  const [, index, key] = /^destinations\[(\d+)\]\.(\w+)/.exec(path) ?? [];
  if (index !== undefined && key !== undefined) return slotField(used[Number(index)] ?? 0, key);
  if (path === "notify") return fields["notify.by"] === "email" ? "notify.email" : "notify.webhook_url";
  return path === "source" ? "source.kind" : path;
}

function sentence(message: string): string {
  const text = message.replaceAll("starts_at", "its start");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
