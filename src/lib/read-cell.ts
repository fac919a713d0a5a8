/**
 * How the numbers of a column are written: which sign parts the decimals, and whether a lone `1.234` or `1,234` (the other sign before
 * three digits) groups thousands. Several groups, and a group before decimals, are clear by themselves and always taken.
 */
export type NumberMarks = "point" | "point+groups" | "comma" | "comma+groups";

const BLANKS = /[\u00a0\u2007\u2009\u202f]/g;
const APOSTROPHES = /[’ʼ]/g;
// A whole part in one run, or in groups of three behind a sign that is the same throughout; decimals; exponent.
const POINT_NUMBER = /^([+-]?)(\d+|[1-9]\d{0,2}(?:(?:,\d{3})+|(?: \d{3})+|(?:'\d{3})+))?(?:\.(\d*))?([eE][+-]?\d+)?$/;
const COMMA_NUMBER = /^([+-]?)(\d+|[1-9]\d{0,2}(?:(?:\.\d{3})+|(?: \d{3})+|(?:'\d{3})+))?(?:,(\d*))?([eE][+-]?\d+)?$/;
const LONE_GROUP = /^\d+[.,]\d{3}$/;

/**
 * The number that a text is as a whole, with blanks (also no-break ones) around it: sign, digits, decimals, exponent, thousands in groups
 * by the other decimal sign, a blank or an apostrophe. Infinite where it is too large for a double; null for what is no number, such
 * as "", "$5", "inf", hexadecimal, and a lone group of which the marks do not say that it is one.
 */
export function readNumber(text: string, marks: NumberMarks = "point"): number | null {
  const plain = text.replaceAll(BLANKS, " ").replaceAll(APOSTROPHES, "'").trim();
  const isPoint = marks === "point" || marks === "point+groups";
  const match = (isPoint ? POINT_NUMBER : COMMA_NUMBER).exec(plain);
  if (!match) return null;
  const [, sign = "", whole = "", decimals, exponent = ""] = match;
  if (whole === "" && (decimals ?? "") === "") return null;
  const isLone = decimals === undefined && exponent === "" && LONE_GROUP.test(whole);
  if (isLone && (marks === "point" || marks === "comma")) return null;
  const value = Number(`${sign}${whole.replaceAll(/[^\d]/g, "")}.${decimals ?? ""}0${exponent}`);
  return value === 0 ? 0 : value;
}

// What pandas, R and spreadsheets write for a value that is not there.
const MISSING_MARKERS = new Set(["", "na", "n/a", "nan", "null", "none", "?", "-", "#n/a", "<na>"]);
const MARKER_CHARACTERS_MAX = 16;

/** Whether a cell that is no text stands for a missing value: blank, NA, N/A, NaN, null, None, ?, - in any case. */
export function isMissingMarker(text: string): boolean {
  if (text.length > MARKER_CHARACTERS_MAX) return text.trim() === "";
  return MISSING_MARKERS.has(text.trim().toLowerCase());
}

const TRUE_WORDS = new Set(["true", "yes", "t", "y", "on"]);
const FALSE_WORDS = new Set(["false", "no", "f", "n", "off"]);
const TRUTH_CHARACTERS_MAX = 16;

/** What a text says as a boolean: true, yes, t, y, on and their opposites in any case, 1 and 0 in any spelling; else null. */
export function readTruth(text: string): boolean | null {
  if (text.length > TRUTH_CHARACTERS_MAX) return null;
  const word = text.trim().toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  if (FALSE_WORDS.has(word)) return false;
  const number = readNumber(word);
  return number === 1 ? true : number === 0 ? false : null;
}

/** Whether a text says true or false by these very words, in any case. */
export function isTrueOrFalse(text: string): boolean {
  return text.length <= TRUTH_CHARACTERS_MAX && /^\s*(?:true|false)\s*$/i.test(text);
}

/**
 * The number in a cell of a column of numbers, in files, calls, forms and query results alike: NaN where the cell is missing, infinite
 * where a double cannot hold it, null where it cannot be read. True and false are 1 and 0; so are yes, no and the like with `isBoolean`,
 * where nothing else but 1 and 0 is a number.
 */
export function readNumberCell(text: string, marks: NumberMarks = "point", isBoolean = false): number | null {
  if (isMissingMarker(text)) return Number.NaN;
  if (!isBoolean && !isTrueOrFalse(text)) return readNumber(text, marks);
  const truth = readTruth(text);
  return truth === null ? null : Number(truth);
}
