import { formatRelative, formatUtc } from "../lib/format.ts";

export type TimestampProps = {
  atMs: number;
  precision?: "date" | "minutes" | "seconds" | undefined;
  /** Given, the text is the distance from this moment (UTC ms), and the exact time shows on hover. */
  nowMs?: number | undefined;
};

/** A moment, in UTC as served; app.ts rewrites it in the reader's time zone and keeps relative times fresh. */
export function Timestamp({ atMs, precision = "minutes", nowMs }: TimestampProps) {
  const text = nowMs === undefined ? formatUtc(atMs, precision) : formatRelative(atMs, nowMs);
  return (
    <time
      class="time"
      datetime={new Date(atMs).toISOString()}
      data-local={nowMs === undefined ? precision : "relative"}
      title={formatUtc(atMs, "seconds")}
    >
      {text}
    </time>
  );
}
