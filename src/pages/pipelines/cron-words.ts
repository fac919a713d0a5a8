const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
/** A longer list of times is better read as it was written. */
const TIMES_MAX = 4;

/**
 * A cron expression of five fields as people say it, to stand within a sentence: `every Monday at 06:00`. Null for expressions that have no short
 * words: they are shown as they are.
 */
export function cronWords(cron: string): string | null {
  const fields = cron.trim().toUpperCase().split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  if (fields.length !== 5) return null;
  const often = oftenWords(minute, hour);
  const times = often === null ? timeWords(minute, hour) : null;
  const days = dayWords(day, weekday);
  const months = monthWords(month);
  if (days === null || months === null || (often === null && times === null)) return null;
  if (often !== null) return `${often}${days === "every day" ? "" : `, ${days}`}${months}`;
  return `${days}${months} at ${times}`;
}

/** What runs more than a few times a day: `every 15 minutes`. */
function oftenWords(minute: string, hour: string): string | null {
  const minutes = stepOf(minute);
  if (hour === "*" && minutes !== null) return everyWords(minutes, "minute");
  const at = numberIn(minute, 0, 59);
  const hours = stepOf(hour);
  if (at === null || hours === null) return null;
  return `${everyWords(hours, "hour")}${at === 0 ? "" : ` at minute ${at}`}`;
}

function timeWords(minute: string, hour: string): string | null {
  const at = numberIn(minute, 0, 59);
  const hours = listOf(hour, (part) => numberIn(part, 0, 23));
  if (at === null || hours === null || hours.length > TIMES_MAX) return null;
  return joined(
    [...new Set(hours)].sort((one, other) => one - other).map((one) => `${twoDigits(one)}:${twoDigits(at)}`),
  );
}

/** Which days; with both fields set a schedule means either or both, for which there are no short words. */
function dayWords(day: string, weekday: string): string | null {
  if (day === "*" && weekday === "*") return "every day";
  if (day === "*") return weekdayWords(weekday);
  if (weekday !== "*") return null;
  if (day === "L") return "on the last day of the month";
  const days = listOf(day, (part) => numberIn(part, 1, 31));
  if (days === null) return null;
  return `on ${days.length === 1 ? "day" : "days"} ${joined(days.map(String))} of the month`;
}

function weekdayWords(weekday: string): string | null {
  const [, from, to] = /^(\w+)-(\w+)$/.exec(weekday) ?? [];
  if (from !== undefined && to !== undefined) {
    const [first, last] = [weekdayOf(from), weekdayOf(to)];
    return first === null || last === null ? null : `${DAYS[first]} to ${DAYS[last]}`;
  }
  const days = listOf(weekday, weekdayOf);
  return days && `every ${joined(days.map((day) => DAYS[day] ?? ""))}`;
}

/** With a space before it; empty where it is every month. */
function monthWords(month: string): string | null {
  if (month === "*") return "";
  const months = listOf(month, (part) => {
    const named = MONTHS.findIndex((name) => name.slice(0, 3).toUpperCase() === part);
    return named >= 0 ? named : (numberIn(part, 1, 12) ?? 0) - 1;
  });
  if (months === null || months.some((one) => one < 0)) return null;
  return ` in ${joined(months.map((one) => MONTHS[one] ?? ""))}`;
}

function weekdayOf(part: string): number | null {
  const named = DAYS.findIndex((name) => name.slice(0, 3).toUpperCase() === part);
  if (named >= 0) return named;
  const number = numberIn(part, 0, 7);
  return number === null ? null : number % 7;
}

/** How many of the unit lie between two times: 1 for `*`. A step that does not divide its unit evenly has no short words. */
function stepOf(field: string): number | null {
  if (field === "*") return 1;
  const step = /^\*\/(\d{1,2})$/.exec(field)?.[1];
  return step === undefined ? null : Number(step) > 0 ? Number(step) : null;
}

function everyWords(step: number, unit: "minute" | "hour"): string | null {
  const size = unit === "minute" ? 60 : 24;
  if (size % step !== 0) return null;
  return step === 1 ? `every ${unit}` : `every ${step} ${unit}s`;
}

function numberIn(text: string, min: number, max: number): number | null {
  if (!/^\d{1,2}$/.test(text)) return null;
  const number = Number(text);
  return number >= min && number <= max ? number : null;
}

function listOf(field: string, read: (part: string) => number | null): number[] | null {
  const found = field.split(",").map(read);
  return found.every((one) => one !== null) ? found : null;
}

function joined(words: string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
