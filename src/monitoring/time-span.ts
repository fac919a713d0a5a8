import { z } from "zod";
import { type AppError, invalid } from "../errors.ts";
import { DAY_MS, HOUR_MS } from "../lib/time.ts";
import type { RecordSource, Span } from "../windows/window-log.ts";

const Time = z.iso.datetime({ offset: true, local: true }).or(z.iso.date());

/** What every question about windows takes. */
export const spanQuery = z.object({
  from: Time.optional().describe("Default: seven days before `to`. Rounded down to a whole bucket"),
  to: Time.optional().describe("Default: now. The bucket that is still open counts"),
  bucket: z
    .enum(["hour", "day"])
    .optional()
    .describe("Default: hour for up to three days, otherwise day. Days are UTC days"),
  version: z
    .union([z.literal("all"), z.coerce.number().int().min(1)])
    .optional()
    .describe(
      "A version of the deployment, compared with its own reference; all: each version with its own. Default: all versions that share the current training reference; of performance and comparison, those that pair the current two models, in either role",
    ),
  source: z.enum(["online", "batch", "all"]).optional().describe("Default: online"),
});

export type SpanQuery = z.infer<typeof spanQuery>;

/** Which windows a question is about: whole buckets from `fromMs` on, to the one that holds `toMs`. */
export interface TimeSpan {
  fromMs: number;
  toMs: number;
  bucket: Span;
  version: number | null;
  /** Versions with another training reference are asked for, too. */
  isAll?: boolean;
  source: RecordSource | "all";
}

const DEFAULT_MS = 7 * DAY_MS;
const HOURLY_MS_DEFAULT = 3 * DAY_MS;
/** Longer spans are asked for by day: a chart of more points shows less. */
const HOURLY_MS_MAX = 35 * DAY_MS;
const DAILY_MS_MAX = 800 * DAY_MS;
export const BUCKET_MS = { hour: HOUR_MS, day: DAY_MS } as const;

/** The span that a query asks for. Throws 422 `invalid_input` for one that ends before it begins, or is too long for its buckets. */
export function timeSpan(query: SpanQuery, nowMs: number): TimeSpan {
  const toMs = query.to === undefined ? nowMs : parseUtc(query.to);
  const wantedFrom = query.from === undefined ? toMs - DEFAULT_MS : parseUtc(query.from);
  if (wantedFrom >= toMs) throw refusal("from", "must be before `to`");
  const length = toMs - wantedFrom;
  const bucket = query.bucket ?? (length <= HOURLY_MS_DEFAULT ? "hour" : "day");
  if (bucket === "hour" && length > HOURLY_MS_MAX)
    throw refusal("bucket", "hours are kept for 35 days; use bucket=day");
  if (length > DAILY_MS_MAX) throw refusal("from", "a call may cover at most 800 days");
  const fromMs = Math.floor(wantedFrom / BUCKET_MS[bucket]) * BUCKET_MS[bucket];
  const version = query.version === undefined || query.version === "all" ? null : query.version;
  return { fromMs, toMs, bucket, version, isAll: query.version === "all", source: query.source ?? "online" };
}

/** Times without a zone are UTC, as all that the API writes. */
function parseUtc(text: string): number {
  return Date.parse(/T.*(?:Z|[+-]\d{2}:?\d{2})$|^[\d-]+$/i.test(text) ? text : `${text}Z`);
}

function refusal(path: string, message: string): AppError {
  return invalid(path, `Not a valid span: ${path} ${message}.`, message);
}
