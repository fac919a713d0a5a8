/** How the runtime begins to say which node failed; of nodes within nodes, each says so of the next. */
const NODE_PATTERN = /Non-zero status code returned while running (\S+) node\. Name:'([^']*)' Status Message: /g;
/** Where in the runtime's own source it noticed: file, line and function. */
const SOURCE_PATTERN = /^\S+\.(?:cc|cpp|h|hpp):\d+ \S+ /;

/**
 * What the runtime says of a run that failed, for people: its reason first, then the kind of node and its name, where it has one. A text
 * that it did not make comes back as it is, without a full stop at the end.
 */
export function runReason(message: string): string {
  const nodes = [...message.matchAll(NODE_PATTERN)];
  const innermost = nodes.at(-1);
  const said = innermost ? message.slice(innermost.index + innermost[0].length) : message;
  const reason = said
    .trim()
    .replace(SOURCE_PATTERN, "")
    .replace(/[\s.]+$/, "");
  if (!innermost) return reason;
  const [, kind = "", name = ""] = innermost;
  const where = name === "" ? `a node of kind ${kind}` : `the ${kind} node "${name}"`;
  return reason === "" ? `${where} failed` : `${reason} (in ${where})`;
}
