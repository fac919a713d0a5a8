import type { z } from "zod";

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

const THINGS: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

const FORMATS: Record<string, string> = {
  datetime: "a time as in 2026-11-22T10:00:00Z",
  date: "a day as in 2026-11-22",
  url: "an address that begins with https:// or http://",
  email: "an email address",
};

const UNITS: Record<string, string> = {
  string: "characters",
  array: "items",
  set: "items",
  map: "members",
  file: "bytes",
};

/** Says how to correct a value whose schema has no sentence of its own; undefined keeps zod's message. */
export function inputSentence(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type": {
      const wanted = THINGS[issue.expected] ?? `a ${issue.expected}`;
      return issue.input === undefined ? `Required: ${wanted}.` : `This must be ${wanted}.`;
    }
    case "invalid_value":
      return `This must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}.`;
    case "invalid_format":
      return FORMATS[issue.format] ? `This must be ${FORMATS[issue.format]}.` : undefined;
    case "too_small":
      return bounded(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum);
    case "too_big":
      return bounded(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum);
    case "unrecognized_keys":
      return `Unknown: ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}. Remove it, or correct its name.`;
    case "invalid_union":
      if ("options" in issue && Array.isArray(issue.options))
        return `This must be ${issue.options.map((option) => JSON.stringify(option)).join(" or ")}.`;
      return issue.input === undefined ? "Required." : eitherOf(issue);
    default:
      return undefined;
  }
}

/** What any of the forms of a value would be, in one sentence; undefined where a form has a sentence of another kind. */
function eitherOf(issue: RawIssue): string | undefined {
  const forms = "errors" in issue && Array.isArray(issue.errors) ? (issue.errors as { message?: string }[][]) : [];
  const wanted = forms.map(([first]) => /^This must be (.*)\.$/.exec(first?.message ?? "")?.[1]);
  const known = [...new Set(wanted)].filter((one) => one !== undefined);
  return known.length === 0 || wanted.includes(undefined) ? undefined : `This must be ${known.join(" or ")}.`;
}

function bounded(origin: string, relation: string, bound: number | bigint): string {
  const unit = UNITS[origin];
  return unit ? `This must have ${relation} ${bound} ${unit}.` : `This must be ${relation} ${bound}.`;
}
