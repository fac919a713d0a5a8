import { type KnownValue, leastCountOf } from "./known-value.ts";
import type { NodeFacts } from "./model-facts.ts";
import { NONDETERMINISTIC } from "./operator-groups.ts";
import { GROWTH_RULES } from "./shape-rules-growth.ts";
import { LAYOUT_RULES, SHRINKING } from "./shape-rules-layout.ts";
import { NETWORK_RULES } from "./shape-rules-network.ts";
import type { RuleResult } from "./shape-rule.ts";

// These say something about shapes or order, not about the values of what they read.
const FORGETS_VALUES = new Set(
  "ArgMax ArgMin And Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual NonZero Not Or Shape Size Xor".split(
    " ",
  ),
);

/**
 * What the file tells about the outputs of a node from what it tells about its operands. An operator without a rule, or
 * with attributes that only its caller knows, has outputs of unknown size.
 */
export function applyRule(node: NodeFacts, operands: (KnownValue | null)[]): KnownValue[] {
  // The engine keeps quantized weights quantized, though it could unfold them.
  const isComputedEachTime = NONDETERMINISTIC.has(node.opType) || node.opType === "DequantizeLinear";
  const constant = !isComputedEachTime && operands.every((operand) => operand?.constant ?? true);
  const keeps = LAYOUT_RULES.has(node.opType) && !SHRINKING.has(node.opType);
  const leastKept = keeps ? Math.max(0, ...operands.map((operand) => operand?.leastCount ?? 0)) : 0;
  const fedBy = FORGETS_VALUES.has(node.opType) ? null : source(node, operands);
  const rule = LAYOUT_RULES.get(node.opType) ?? GROWTH_RULES.get(node.opType) ?? NETWORK_RULES.get(node.opType);
  const usable = rule && !node.attributes.some((attribute) => attribute.isReference);
  const answer = usable ? rule(node, operands) : null;
  const results: RuleResult[] = answer === null ? [] : Array.isArray(answer) ? answer : [answer];
  return node.outputs.map((_, index) => ({
    elem: results[index]?.elem ?? null,
    dims: results[index]?.dims ?? null,
    leastCount: Math.max(leastKept, results[index]?.leastCount ?? leastCountOf(results[index]?.dims ?? null)),
    numbers: results[index]?.numbers ?? null,
    constant,
    fedBy,
  }));
}

// Of a lookup or a choice, only the operands that are chosen from pass their values on.
function source(node: NodeFacts, operands: (KnownValue | null)[]): string | null {
  const isLookup =
    node.opType.startsWith("Gather") ||
    node.opType === "Slice" ||
    node.opType === "Expand" ||
    node.opType === "Reshape";
  const passing = isLookup ? operands.slice(0, 1) : node.opType === "Where" ? operands.slice(1) : operands;
  return passing.find((operand) => operand?.fedBy)?.fedBy ?? null;
}
