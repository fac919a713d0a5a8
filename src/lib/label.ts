const PLAIN_DECIMAL = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)$/;
const TRUTH = /^(?:true|false)$/i;
// Longer ones may not survive the way through a double, and are rather identifiers.
const LABEL_DIGITS_MAX = 15;

/**
 * The one spelling of a class label, for targets, predictions and actuals alike: 1, 1.0 and "1.00" are "1", True is
 * "true", text loses surrounding blanks. Codes such as 007 and 1e5 and numbers of more than 15 digits stay as they are.
 */
export function canonicalLabel(value: string | number | bigint | boolean): string {
  if (typeof value !== "string") return String(value === 0 ? 0 : value);
  const text = value.trim();
  if (PLAIN_DECIMAL.test(text) && text.length <= LABEL_DIGITS_MAX + 2) return canonicalLabel(Number(text));
  return TRUTH.test(text) ? text.toLowerCase() : text;
}

const NUMBER_OF_TRUTH: Readonly<Record<string, string>> = { true: "1", false: "0" };
const TRUTH_OF_NUMBER: Readonly<Record<string, string>> = { 1: "true", 0: "false" };

/**
 * Finds which of `known` labels another one means: the same by its canonical spelling; where `known` has true or false and not 1 or 0 (or
 * the other way round), the one that stands for it; else the only one that differs in letter case or blanks alone. Null: none of them.
 */
export function labelFinder(known: readonly string[]): (label: string | number | bigint | boolean) => string | null {
  const canonical = new Map(known.map((label) => [canonicalLabel(label), label]));
  const folded = new Map<string, string | null>();
  for (const label of known) folded.set(fold(label), folded.has(fold(label)) ? null : label);
  return (label) => {
    const own = canonicalLabel(label);
    const truth = NUMBER_OF_TRUTH[own] ?? TRUTH_OF_NUMBER[own] ?? "";
    return canonical.get(own) ?? canonical.get(truth) ?? folded.get(fold(own)) ?? null;
  };
}

/** Each of a model's labels as the target spells it, else in its canonical spelling; as they are where that would make two of them one. */
export function alignLabels(labels: readonly string[], target: readonly string[]): string[] {
  const find = labelFinder(target);
  const attempts = [labels.map((label) => find(label) ?? canonicalLabel(label)), labels.map(canonicalLabel)];
  return attempts.find((attempt) => new Set(attempt).size === labels.length) ?? [...labels];
}

function fold(label: string): string {
  return label.normalize("NFKC").trim().replaceAll(/\s+/g, " ").toLowerCase();
}
