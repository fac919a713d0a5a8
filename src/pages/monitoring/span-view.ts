import { z } from "zod";
import type { DeploymentVersion } from "../../deployments/queries.ts";
import { isAppError } from "../../errors.ts";
import { DAY_MS, iso } from "../../lib/time.ts";
import { BUCKET_MS, type TimeSpan, timeSpan } from "../../monitoring/time-span.ts";

export const PRESETS = { "24h": DAY_MS, "7d": 7 * DAY_MS, "30d": 30 * DAY_MS } as const;
const PRESET_NAMES = ["24h", "7d", "30d"] as const;
const PRESET_DEFAULT = "7d";

/** Fewer rows of an hour or day draw no line: it would jump by what a single row says. */
export const POINT_ROWS_MIN = 10;

/** A page of hours is long: from here on it shows days. */
export const HOURLY_DAYS_MAX = 7;

/** A span of more than these has no windows of hours to ask for. */
const HOURLY_MS_MAX = 35 * DAY_MS;
/** What began so lately would be a point or two by day. */
const YOUNG_MS_MAX = 3 * DAY_MS;

// Anything may stand in an address that people edit: what makes no sense is left out.
const choiceQuery = z.object({
  span: z
    .enum([...PRESET_NAMES, "custom"])
    .optional()
    .catch(undefined),
  from: z.iso.date().optional().catch(undefined),
  to: z.iso.date().optional().catch(undefined),
  bucket: z.enum(["hour", "day"]).optional().catch(undefined),
  version: z
    .union([z.literal("all"), z.coerce.number().int().min(1)])
    .optional()
    .catch(undefined),
  source: z.enum(["online", "batch", "all"]).catch("online").default("online"),
});

/** What the picker of the Monitoring pages says, as it stands in their address. */
export type SpanChoice = z.infer<typeof choiceQuery>;

export interface ChosenSpan {
  choice: SpanChoice;
  span: TimeSpan;
  /** What is wrong with the days that were asked for; the default is shown in their place. */
  error: string | null;
  /** True where hours were asked for, and days are shown because the span is long. */
  isCoarsened: boolean;
}

/**
 * Reads the picker's choice out of an address; days are those of UTC, and the last one is included. Unless it says otherwise, what a
 * deployment that began at `since` can show decides between hours and days.
 */
export function chooseSpan(
  query: Record<string, string>,
  { since, nowMs }: { since: number; nowMs: number },
): ChosenSpan {
  const parsed = choiceQuery.parse(query);
  const hasDays = parsed.from !== undefined || parsed.to !== undefined;
  const choice = { ...parsed, span: parsed.span ?? (hasDays ? ("custom" as const) : undefined) };
  const { fromMs, toMs } = wanted(choice, nowMs);
  const isCoarsened = choice.bucket === "hour" && toMs - fromMs > HOURLY_DAYS_MAX * DAY_MS;
  const isYoung = toMs > since && toMs - since <= YOUNG_MS_MAX;
  const bucket = isCoarsened
    ? ("day" as const)
    : (choice.bucket ?? (isYoung && toMs - fromMs <= HOURLY_MS_MAX ? ("hour" as const) : undefined));
  const ask = (from: number, to: number) =>
    timeSpan(
      {
        from: iso(from),
        to: iso(to),
        source: choice.source,
        ...(bucket && { bucket }),
        ...(choice.version !== undefined && { version: choice.version }),
      },
      nowMs,
    );
  try {
    return { choice, span: ask(fromMs, toMs), error: null, isCoarsened };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const span = ask(nowMs - PRESETS[PRESET_DEFAULT], nowMs);
    const cause = fromMs >= toMs ? "The first day must be before the end" : "Too many days for one chart";
    return { choice, span, error: `${cause}. The last 7 days are shown.`, isCoarsened: false };
  }
}

function wanted({ span = PRESET_DEFAULT, from, to }: SpanChoice, nowMs: number): { fromMs: number; toMs: number } {
  if (span !== "custom") return { fromMs: nowMs - PRESETS[span], toMs: nowMs };
  const toMs = to === undefined ? nowMs : Date.parse(to) + DAY_MS;
  return { fromMs: from === undefined ? toMs - PRESETS[PRESET_DEFAULT] : Date.parse(from), toMs };
}

/** The choice as it stands in an address; what is the default stays out. */
export function choiceParams({ span, from, to, bucket, version, source }: SpanChoice): [string, string][] {
  const pairs: [string, string | undefined][] = [
    ["span", span],
    ["from", span === "custom" ? from : undefined],
    ["to", span === "custom" ? to : undefined],
    ["bucket", bucket],
    ["version", version === undefined ? undefined : String(version)],
    ["source", source === "online" ? undefined : source],
  ];
  return pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/** An address with parameters. */
export function addressWith(path: string, params: readonly (readonly [string, string])[]): string {
  const text = new URLSearchParams(params.map(([name, value]) => [name, value])).toString();
  return text === "" ? path : `${path}?${text}`;
}

/** Which preset is shown. */
export function presetOf({ span = PRESET_DEFAULT }: SpanChoice): (typeof PRESET_NAMES)[number] | "custom" {
  return span;
}

/**
 * The start of every bucket that a chart shows, empty ones among them: of the span, from the deployment's beginning on, or from the
 * first window where that is earlier.
 */
export function bucketStarts(
  { fromMs, toMs, bucket }: TimeSpan,
  { since, nowMs }: { since: number; nowMs: number },
): number[] {
  const step = BUCKET_MS[bucket];
  const starts: number[] = [];
  for (let at = Math.max(fromMs, Math.floor(since / step) * step); at < Math.min(toMs, nowMs); at += step) {
    starts.push(at);
  }
  return starts;
}

/** Where a version of the deployment took the place of another, for charts over time. */
export function versionMarkers(
  versions: readonly Pick<DeploymentVersion, "number" | "createdAt">[],
): { at: number; label: string }[] {
  const first = Math.min(...versions.map(({ number }) => number));
  return versions
    .filter(({ number }) => number !== first)
    .map(({ number, createdAt }) => ({ at: createdAt, label: `Version ${number}` }))
    .sort((one, other) => one.at - other.at);
}
