/** How the runtime begins to say which node failed; of nodes within nodes, each says so of the next. */
const NODE_PATTERN = /Non-zero status code returned while running (\S+) node\. Name:'([^']*)' Status Message: /g;

/** What the runtime says of values that a model does not take, and the sentence that stands for it. The first that fits counts. */
const REASONS: readonly [RegExp, string][] = [
  [/division by zero|divide by zero/i, "a whole number is divided by zero"],
  [
    /out of (data )?bounds|out of range|outside (of )?(the )?range|invalid index/i,
    "a value looks up a place outside of a table",
  ],
  [/cannot be reshaped|reshape/i, "its values do not fill the shape that a step wants"],
  [
    /broadcast|incompatible dimensions|dimensions? (do not|don't|must) match|mismatch|invalid (dimensions|rank)|shape/i,
    "the shapes of two tensors do not go together",
  ],
  [/could not be (parsed|converted)|cast|stof|stoi|stod|convert/i, "a text cannot be read as a number"],
  [/missing input|ortvalue/i, "an input of a step has no value"],
  [/nan|not finite|infinity/i, "a value is not a finite number"],
];

/**
 * Why a run failed, in words of ours and without a full stop at the end: `said` is what the runtime says, which is about its own inside and
 * in its own words. Names the kind of node, and its name where it has one.
 */
export function runReason(said: string): string {
  const nodes = [...said.matchAll(NODE_PATTERN)];
  const innermost = nodes.at(-1);
  const status = innermost ? said.slice(innermost.index + innermost[0].length) : said;
  const reason = REASONS.find(([pattern]) => pattern.test(status))?.[1] ?? "the values do not suit it";
  if (!innermost) return reason;
  const [, kind = "", name = ""] = innermost;
  return `${reason} (in ${name === "" ? `a node of kind ${kind}` : `the ${kind} node "${name}"`})`;
}

/** Whether the runtime says that it had no memory left. */
export function isMemoryFailure(said: string): boolean {
  return /bad.alloc|out of memory|memory access out of bounds|failed to allocate|allocat\w+ failed|length_error/i.test(
    said,
  );
}
