const bytesUnits = ["kB", "MB", "GB", "TB"];

/** Bytes in decimal units: 512 B, 6.3 MB. Negative and non-finite numbers give an en dash. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return "–";
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes / 1000;
  let unit = 0;
  // 999.95 would be rounded to 1000 of the smaller unit.
  while (value >= 999.5 && unit < bytesUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 99.95 ? dropZeros(value.toFixed(1)) : value.toFixed(0)} ${bytesUnits[unit]}`;
}

/** A whole number with thousands separated by commas. */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? Math.round(count).toLocaleString("en-US") : "–";
}

/** A number to `digits` significant digits, without trailing zeros; very large and small ones in scientific notation. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) return value.toExponential(Math.min(digits - 1, 3));
  const rounding = size >= 10 ** digits ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits };
  return value.toLocaleString("en-US", rounding);
}

/** A rate 0..1 as a percentage with `decimals` decimals. What is not quite none or all never reads 0% or 100%. */
export function formatPercent(rate: number, decimals = 1): string {
  if (!Number.isFinite(rate)) return "–";
  const step = 10 ** -decimals;
  const percent = rate * 100;
  if (percent > 0 && percent < step / 2) return `< ${step}%`;
  if (percent < 100 && percent > 100 - step / 2) return `> ${(100 - step).toFixed(decimals)}%`;
  return `${dropZeros(percent.toFixed(decimals))}%`;
}

/** A duration in ms as people say it: 420 µs, 3.2 ms, 1.4 s, 2 min 5 s, 3 h 10 min, 4 d 2 h. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs) || durationMs < 0) return "–";
  if (durationMs === 0) return "0 ms";
  if (durationMs < 0.9995) return `${Math.max(1, Math.round(durationMs * 1000))} µs`;
  if (durationMs < 999.5) return `${dropZeros(durationMs.toFixed(durationMs < 99.95 ? 1 : 0))} ms`;
  if (durationMs < 59_950) return `${dropZeros((durationMs / 1000).toFixed(1))} s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return joined(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return joined(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return joined(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** UTC ms as "2026-11-22 10:33 UTC"; with `seconds`, "2026-11-22 10:33:07 UTC". */
export function formatUtc(atMs: number, precision: "date" | "minutes" | "seconds" = "minutes"): string {
  const iso = new Date(atMs).toISOString();
  if (precision === "date") return iso.slice(0, 10);
  return `${iso.slice(0, 10)} ${iso.slice(11, precision === "minutes" ? 16 : 19)} UTC`;
}

/** How long before (or after) `nowMs` a time is: "just now", "5 min ago", "in 2 h"; from 30 days on, what `dateOf` makes of it. */
export function formatRelative(
  atMs: number,
  nowMs: number,
  dateOf: (atMs: number) => string = (at) => formatUtc(at, "date"),
): string {
  const distanceMs = Math.abs(nowMs - atMs);
  if (distanceMs < 45_000) return "just now";
  if (distanceMs >= 30 * 86_400_000) return dateOf(atMs);
  const minutes = Math.max(1, Math.round(distanceMs / 60_000));
  const hours = Math.round(minutes / 60);
  const text = minutes < 60 ? `${minutes} min` : hours < 24 ? `${hours} h` : `${Math.round(hours / 24)} d`;
  return atMs <= nowMs ? `${text} ago` : `in ${text}`;
}

/** One or many: plural(1, "row") is "1 row", plural(1200, "row") is "1,200 rows". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function dropZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
