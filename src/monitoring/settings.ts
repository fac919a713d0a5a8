import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "../db.ts";
import { DRIFT_METHODS } from "./drift/methods.ts";
import { monitoringSettings } from "./schema.ts";

const OFFSET_DAYS_MAX = 365;

const featureSettings = z.strictObject({
  method: z.enum(DRIFT_METHODS).optional().describe("Default: the method that suits the feature"),
  threshold: z
    .number()
    .positive()
    .optional()
    .describe("The effect from which the feature drifts. Default: that of its method"),
  muted: z
    .boolean()
    .optional()
    .describe("The feature is shown, but neither the deployment's state nor an alert counts it"),
});

const Time = z.iso.datetime({ offset: true, local: true }).or(z.iso.date());

const reference = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("training") }),
  z
    .strictObject({ kind: z.literal("span"), from: Time, to: Time })
    .describe("What this deployment recorded in that time"),
  z
    .strictObject({ kind: z.literal("previous"), offset_days: z.number().int().min(1).max(OFFSET_DAYS_MAX) })
    .describe("The same span, so many days before"),
]);

/** What PUT takes and GET answers. What is left out has its default. */
export const settingsInput = z.strictObject({
  features: z.record(z.string(), featureSettings).default({}),
  reference: reference.default({ kind: "training" }),
});

export type MonitoringSettings = z.output<typeof settingsInput>;
export type ReferenceChoice = MonitoringSettings["reference"];

export const DEFAULT_SETTINGS: MonitoringSettings = { features: {}, reference: { kind: "training" } };

export interface KeptSettings {
  settings: MonitoringSettings;
  /** UTC ms, and a user id; null while nobody has changed anything. */
  updatedAt: number | null;
  updatedBy: string | null;
}

/** The settings of a deployment, or the defaults. */
export async function readSettings(db: Database, deploymentId: string): Promise<KeptSettings> {
  const row = await db.select().from(monitoringSettings).where(eq(monitoringSettings.deploymentId, deploymentId)).get();
  return row ?? { settings: DEFAULT_SETTINGS, updatedAt: null, updatedBy: null };
}
