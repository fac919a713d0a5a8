import type { NodeFacts } from "./model-facts.ts";

// Names come from the file: kept short enough for a sentence.
const NAME_LENGTH_MAX = 80;

/** A name from the file in quotes, cut where it is long. */
export function quoted(name: string): string {
  return `"${name.length > NAME_LENGTH_MAX ? `${name.slice(0, NAME_LENGTH_MAX)}...` : name}"`;
}

/** Names from the file, each in quotes. */
export function allQuoted(names: readonly string[]): string {
  return names.map(quoted).join(", ");
}

/** A node as a person would point at it: its name and operator. */
export function nodeText(node: NodeFacts): string {
  const operator = `${node.domain === "ai.onnx" ? "" : `${node.domain}.`}${node.opType}`.slice(0, NAME_LENGTH_MAX);
  if (node.name !== "") return `the node ${quoted(node.name)} (${operator})`;
  return node.outputs[0]
    ? `the ${operator} node that makes ${quoted(node.outputs[0])}`
    : `a ${operator} node without a name`;
}

/** At most `countMax` of the items, with the number of those left out. */
export function listed(items: readonly string[], countMax: number): string {
  const shown = items.slice(0, countMax).join(", ");
  return items.length > countMax ? `${shown} and ${items.length - countMax} more` : shown;
}
