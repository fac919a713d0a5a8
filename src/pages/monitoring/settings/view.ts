import { database } from "../../../db.ts";
import type { AppContext } from "../../../http.ts";
import { iso } from "../../../lib/time.ts";
import { describeMonitored } from "../../../monitoring/monitored.ts";
import { type KeptSettings, readSettings } from "../../../monitoring/settings.ts";
import type { ReferenceColumn } from "../../../windows/reference-column.ts";
import type { FormError } from "../../../ui/form-layout.tsx";
import { type DeploymentView, deploymentPath, deploymentView } from "../../deployments/deployment-shell.tsx";

export type SettingsFields = Partial<Record<string, string>>;

export interface MonitoringSettingsView extends DeploymentView {
  /** Of the page. */
  path: string;
  kept: KeptSettings;
  columns: ReferenceColumn[];
}

/** All that the page of the settings shows: 401, 403 or 404 for who may not read the deployment. */
export async function settingsView(c: AppContext): Promise<MonitoringSettingsView> {
  const db = database(c.env);
  const view = await deploymentView(c);
  const [kept, { columns }] = await Promise.all([
    readSettings(db, view.deployment.id),
    describeMonitored(c.env, db, view.deployment),
  ]);
  return { ...view, path: `${deploymentPath(view.deployment)}/monitoring/settings`, kept, columns };
}

/** The settings as the form's fields hold them. */
export function fieldsOf({ settings: { features, reference } }: KeptSettings): SettingsFields {
  const fields: [string, string][] = [["reference", reference.kind]];
  if (reference.kind === "span") fields.push(["from", reference.from.slice(0, 10)], ["to", reference.to.slice(0, 10)]);
  if (reference.kind === "previous") fields.push(["offset_days", String(reference.offset_days)]);
  for (const [name, { method, threshold, muted }] of Object.entries(features)) {
    if (method !== undefined) fields.push([`method:${name}`, method]);
    if (threshold !== undefined) fields.push([`threshold:${name}`, String(threshold)]);
    if (muted === true) fields.push([`muted:${name}`, "true"]);
  }
  return Object.fromEntries(fields);
}

/** What the form asks for, as the API takes it. An empty field is a setting that is left out. */
export function bodyOf(fields: SettingsFields, columns: readonly ReferenceColumn[]): unknown {
  const given = (name: string): string | undefined => fields[name]?.trim() || undefined;
  const features = columns.flatMap(({ name }) => {
    const method = given(`method:${name}`);
    const threshold = given(`threshold:${name}`);
    const muted = given(`muted:${name}`) !== undefined;
    if (method === undefined && threshold === undefined && !muted) return [];
    const chosen = {
      ...(method !== undefined && { method }),
      ...(threshold !== undefined && { threshold: Number(threshold) }),
      ...(muted && { muted }),
    };
    return [[name, chosen] as const];
  });
  return { features: Object.fromEntries(features), reference: referenceOf(given) };
}

/** Errors of the input as errors of the form's fields. */
export function fieldErrors(errors: readonly FormError[]): FormError[] {
  return errors.map(({ path = "", message }) => {
    const [, name, setting] = /^features\.(.*)\.(method|threshold|muted)$/.exec(path) ?? [];
    return { path: name === undefined ? path.replace(/^reference\./, "") : `${setting}:${name}`, message };
  });
}

function referenceOf(given: (name: string) => string | undefined): unknown {
  const kind = given("reference") ?? "training";
  if (kind === "span") {
    const to = given("to");
    // The last day belongs to the span.
    const end = to !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(to) ? iso(Date.parse(to) + 86_399_999) : to;
    return { kind, from: given("from"), to: end };
  }
  return kind === "previous" ? { kind, offset_days: Number(given("offset_days") ?? Number.NaN) } : { kind };
}
