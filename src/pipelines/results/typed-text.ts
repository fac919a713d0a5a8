/** How a source writes dates such as 01/02/2024; undefined: nobody has said. */
export const DATE_ORDERS = ["day_first", "month_first"] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

const DAY_MS = 86_400_000;
const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const ISO_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;
const WRITTEN_DATE = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)([ T].*)?$/;

/** Whether a text is a date whose reading depends on who wrote it: `01/02/2024`, `1.2.24`. */
export function isWrittenDate(text: string): boolean {
  return WRITTEN_DATE.test(text.trim());
}

/**
 * A date written in that order as `2024-02-01`, with its time, if it has one; null where there is no such day. Two digits of a year are
 * of this century.
 */
export function isoDate(text: string, order: DateOrder): string | null {
  const [, first = "", , second = "", year = "", time = ""] = WRITTEN_DATE.exec(text.trim()) ?? [];
  const [day, month] = order === "day_first" ? [first, second] : [second, first];
  const iso = `${year.padStart(4, "20")}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return daysOf(iso) === null ? null : iso + time;
}

/** Days since 1970 of a date in ISO 8601; null where there is no such day. */
export function daysOf(text: string): number | null {
  const parts = ISO_DATE.exec(text);
  if (!parts) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || new Date(ms).getUTCDate() !== Number(parts[3]) ? null : ms / DAY_MS;
}

/**
 * Microseconds since 1970 of a time in ISO 8601, one without a zone as if it were UTC; null where it is none. Finer digits are left out.
 */
export function microsOf(text: string): bigint | null {
  const [, date = "", hour = "", minute = "", second = "00", fraction = "", zone = ""] =
    ISO_TIME.exec(text.trim()) ?? [];
  const days = daysOf(date);
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (days === null || hours > 23 || minutes > 59 || seconds > 59) return null;
  const [, sign = "+", zoneHours = "0", zoneMinutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -1 : 1);
  const whole = days * DAY_MS + ((hours * 60 + minutes - offset) * 60 + seconds) * 1_000;
  return BigInt(whole) * 1_000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
}

/** A decimal as a whole number of units of 10^-scale; null where it is none, or has digits behind them. */
export function unscaledOf(text: string, scale: number): bigint | null {
  const [, sign = "", whole = "", fraction = ""] = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text.trim()) ?? [];
  if (whole === "" || fraction.replace(/0+$/, "").length > scale) return null;
  const digits = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
  return sign === "-" ? -digits : digits;
}
