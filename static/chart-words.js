// Scales and words of charts in the browser. The server has the same rules in src/lib/format.ts, chart-data.ts and
// chart-scale.ts, and a test holds the two together: what changes there changes here.
"use strict";
globalThis.tiltyardChartWords = (() => {
  // ---- Values ---------------------------------------------------------------------------------------------------

  const dropZeros = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

  const count = (value) => Math.round(value).toLocaleString("en-US");

  const number = (value) => {
    if (value === 0) return "0";
    if (value >= 1e9 || value < 1e-4) return value.toExponential(3);
    return value.toLocaleString("en-US", value >= 1e4 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 });
  };

  const percent = (rate) => {
    const value = rate * 100;
    if (value > 0 && value < 0.05) return "< 0.1%";
    if (value < 100 && value > 99.95) return "> 99.9%";
    return `${dropZeros(value.toFixed(1))}%`;
  };

  const bytes = (value) => {
    if (value < 1000) return `${Math.round(value)} B`;
    const names = ["kB", "MB", "GB", "TB"];
    let size = value / 1000;
    let unit = 0;
    for (; size >= 999.5 && unit < names.length - 1; unit += 1) size /= 1000;
    return `${size < 99.95 ? dropZeros(size.toFixed(1)) : size.toFixed(0)} ${names[unit]}`;
  };

  const joined = (large, largeUnit, small, smallUnit) =>
    small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;

  const duration = (ms) => {
    if (ms === 0) return "0 ms";
    if (ms < 0.9995) return `${Math.max(1, Math.round(ms * 1000))} µs`;
    if (ms < 999.5) return `${dropZeros(ms.toFixed(ms < 99.95 ? 1 : 0))} ms`;
    if (ms < 59_950) return `${dropZeros((ms / 1000).toFixed(1))} s`;
    const seconds = Math.round(ms / 1000);
    if (seconds < 3600) return joined(Math.floor(seconds / 60), "min", seconds % 60, "s");
    const minutes = Math.round(seconds / 60);
    if (minutes < 1440) return joined(Math.floor(minutes / 60), "h", minutes % 60, "min");
    const hours = Math.round(minutes / 60);
    return joined(Math.floor(hours / 24), "d", hours % 24, "h");
  };

  const inWords = { number, count, ms: duration, bytes, rate: percent };

  const formatInUnit = (value, unit) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    return value < 0 ? `-${inWords[unit](-value)}`.replace("-< ", "> -") : inWords[unit](value);
  };

  // ---- Scale ----------------------------------------------------------------------------------------------------

  const MINUTE_MS = 60_000;
  const HOUR_MS = 60 * MINUTE_MS;
  const DAY_MS = 24 * HOUR_MS;
  const LONG_STEPS_MS = [
    ...[0.5, 1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
    ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ];

  const tidy = (value) => Number(value.toPrecision(12));

  const smallestStep = (low, high, unit) => {
    const span = high - low;
    const size = Math.max(Math.abs(low), Math.abs(high));
    if (!Number.isFinite(span) || span <= size * 1e-12) return size;
    const covers = (step) => Math.ceil(tidy(high / step)) - Math.floor(tidy(low / step)) <= 4;
    const isLong = unit === "ms" && span > MINUTE_MS;
    const longStep = isLong ? LONG_STEPS_MS.find(covers) : undefined;
    if (longStep !== undefined) return longStep;
    const unitStep = isLong ? DAY_MS : 1;
    let power = Math.max(1e-300, 10 ** Math.floor(Math.log10(span / unitStep / 4)));
    const isWhole = unit === "count" || unit === "bytes";
    if (isWhole) power = Math.max(1, power);
    for (;;) {
      for (const factor of [1, 2, 2.5, 5]) {
        const step = tidy(factor * power) * unitStep;
        if (covers(step) && (!isWhole || Number.isInteger(step))) return step;
      }
      power *= 10;
    }
  };

  const chartScale = (extent, unit, from = "zero") => {
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
    return { low: ticks[0], high: ticks.at(-1), step, ticks };
  };

  const decimal = (value, step) => {
    let decimals = 0;
    while (decimals < 8 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-9) decimals += 1;
    return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  };

  const exponential = (value) => (value === 0 ? "0" : value.toExponential(2).replace(/\.?0+e/, "e"));

  const units = {
    ms: [
      [0.001, "µs"],
      [1, "ms"],
      [1000, "s"],
    ],
    bytes: [
      [1, "B"],
      [1e3, "kB"],
      [1e6, "MB"],
      [1e9, "GB"],
      [1e12, "TB"],
    ],
  };

  const formatTick = (value, scale, unit) => {
    if (value < 0) return `-${formatTick(-value, scale, unit)}`;
    const { low, high, step } = scale;
    const top = Math.max(Math.abs(low), Math.abs(high));
    if (unit === "count") return count(value);
    if (unit === "rate") return `${decimal(value * 100, step * 100)}%`;
    if (unit === "number") return top >= 1e9 || step < 1e-6 ? exponential(value) : decimal(value, step);
    if (value === 0) return unit === "ms" ? duration(0) : bytes(0);
    if (unit === "ms" && top > MINUTE_MS && step >= 1000) return duration(value);
    const [size, name] = units[unit].findLast(([least]) => least <= top) ?? units[unit][0];
    return `${decimal(value / size, step / size)} ${name}`;
  };

  // ---- Times, all in UTC ----------------------------------------------------------------------------------------

  const formatUtc = (at, precision) => {
    const iso = new Date(at).toISOString();
    return precision === "date" ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
  };

  const month = (at) => new Date(at).toLocaleString("en-GB", { month: "short", timeZone: "UTC" });
  const day = (at) => `${new Date(at).getUTCDate()} ${month(at)}`;

  /** Words below an axis of times: what changes seldom (the day, the year) stands below, where it begins. */
  const timeTicks = (times, step) =>
    times.map((at, index) => {
      const before = times[index - 1];
      const iso = new Date(at).toISOString();
      const isNew = (length) =>
        before === undefined || new Date(before).toISOString().slice(0, length) !== iso.slice(0, length);
      if (step < DAY_MS) {
        const clock = iso.slice(11, step < 1000 ? 23 : step < MINUTE_MS ? 19 : 16);
        return isNew(10) ? `${clock}\n${day(at)}` : clock;
      }
      const name = step < 28 * DAY_MS ? day(at) : step < 365 * DAY_MS ? month(at) : iso.slice(0, 4);
      return isNew(4) && step < 365 * DAY_MS ? `${name}\n${iso.slice(0, 4)}` : name;
    });

  return { formatInUnit, chartScale, formatTick, formatUtc, timeTicks };
})();
