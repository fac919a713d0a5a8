import type { ChartUnit } from "./chart-data.ts";
import { formatBytes, formatCount, formatDuration } from "../lib/format.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../lib/time.ts";

/** An upright scale: ends and ticks are multiples of `step`, ticks ascend. */
export type ChartScale = { low: number; high: number; step: number; ticks: number[] };

const INTERVALS_MAX = 4;
// Below it, steps would lose digits and come to nothing.
const POWER_MIN = 1e-300;
const DECIMAL_STEPS = [1, 2, 2.5, 5];
const LONG_STEPS_MS = [
  ...[0.5, 1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
];

/**
 * The scale of the smallest step a person would choose that covers `low` to `high` in four intervals or fewer. With
 * `from` "zero" it has zero in it. Rates that are rates (0 to 1) are given no room beyond 0 and 1.
 */
export function chartScale(
  extent: { low: number; high: number } | null,
  unit: ChartUnit,
  from: "zero" | "data" = "zero",
): ChartScale {
  let { low, high } = extent ?? { low: 0, high: 0 };
  const isRate = unit === "rate" && low >= 0 && high <= 1;
  if (from === "zero") {
    low = Math.min(0, low);
    high = Math.max(0, high);
  }
  if (low === high) {
    const room = low === 0 ? 1 : Math.abs(low) * 0.05;
    high += room;
    if (low !== 0) low -= room;
    if (isRate) high = Math.min(high, 1);
  }
  const step = smallestStep(low, high, unit);
  const first = Math.floor(tidy(low / step));
  const last = Math.max(first + 1, Math.ceil(tidy(high / step)));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => tidy((first + index) * step));
  return { low: ticks[0] ?? low, high: ticks.at(-1) ?? high, step, ticks };
}

function smallestStep(low: number, high: number, unit: ChartUnit): number {
  const span = high - low;
  // More than a double can tell apart, or than it holds: one interval.
  if (!Number.isFinite(span) || span <= Math.max(Math.abs(low), Math.abs(high)) * 1e-12) {
    return Math.max(Math.abs(low), Math.abs(high));
  }
  const covers = (step: number) => Math.ceil(tidy(high / step)) - Math.floor(tidy(low / step)) <= INTERVALS_MAX;
  if (unit === "ms" && span > MINUTE_MS) {
    const step = LONG_STEPS_MS.find(covers);
    if (step !== undefined) return step;
  }
  const unitStep = unit === "ms" && span > MINUTE_MS ? DAY_MS : 1;
  let power = Math.max(POWER_MIN, 10 ** Math.floor(Math.log10(span / unitStep / INTERVALS_MAX)));
  const isWhole = unit === "count" || unit === "bytes";
  if (isWhole) power = Math.max(1, power);
  for (;;) {
    for (const factor of DECIMAL_STEPS) {
      const step = tidy(factor * power) * unitStep;
      if (covers(step) && (!isWhole || Number.isInteger(step))) return step;
    }
    power *= 10;
  }
}

/** A tick in words, with as many decimals as the step needs, and in one unit along the scale. */
export function formatTick(value: number, scale: ChartScale, unit: ChartUnit): string {
  if (value < 0) return `-${formatTick(-value, scale, unit)}`;
  const { low, high, step } = scale;
  const top = Math.max(Math.abs(low), Math.abs(high));
  if (unit === "count") return formatCount(value);
  if (unit === "rate") return `${decimal(value * 100, step * 100)}%`;
  if (unit === "number") return top >= 1e9 || step < 1e-6 ? exponential(value) : decimal(value, step);
  if (value === 0) return unit === "ms" ? formatDuration(0) : formatBytes(0);
  if (unit === "ms" && top > MINUTE_MS && step >= 1000) return formatDuration(value);
  const [size, name] = unitOf(top, unit === "ms" ? MS_UNITS : BYTE_UNITS);
  return `${decimal(value / size, step / size)} ${name}`;
}

type UnitNames = readonly (readonly [size: number, name: string])[];
const MS_UNITS: UnitNames = [
  [0.001, "µs"],
  [1, "ms"],
  [1000, "s"],
];
const BYTE_UNITS: UnitNames = [
  [1, "B"],
  [1e3, "kB"],
  [1e6, "MB"],
  [1e9, "GB"],
  [1e12, "TB"],
];

function unitOf(top: number, names: UnitNames): readonly [number, string] {
  return names.findLast(([size]) => size <= top) ?? names[0] ?? [1, ""];
}

const DECIMALS_MAX = 8;

function decimal(value: number, step: number): string {
  let decimals = 0;
  while (decimals < DECIMALS_MAX && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-9) {
    decimals += 1;
  }
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function exponential(value: number): string {
  return value === 0 ? "0" : value.toExponential(2).replace(/\.?0+e/, "e");
}

/** Takes the dust of binary fractions off: 0.1 + 0.2 is 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
