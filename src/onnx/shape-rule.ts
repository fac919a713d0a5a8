import { integersAttribute } from "./attribute-values.ts";
import type { KnownDim, KnownValue } from "./known-value.ts";
import type { NodeFacts } from "./model-facts.ts";

/** What a rule knows about the outputs of a node; what it leaves out is unknown. */
export interface RuleResult {
  dims: KnownDim[] | null;
  elem?: string | null;
  /** Where more is known than `dims` tell. */
  leastCount?: number;
  numbers?: KnownDim[] | null;
}

/** From the operands of a node to its first output (or all outputs); null when it cannot tell. */
export type ShapeRule = (node: NodeFacts, operands: (KnownValue | null)[]) => RuleResult | RuleResult[] | null;

/** A list of integers that newer opsets take as an operand and older ones as an attribute; null when not known. */
export function operandOrAttribute(
  node: NodeFacts,
  operand: KnownValue | null | undefined,
  name: string,
): KnownDim[] | null {
  if (operand) return operand.numbers;
  return integersAttribute(node, name)?.map(Number) ?? null;
}

/** The one number of a scalar operand; null when not known. */
export function scalarOf(operand: KnownValue | null | undefined): number | null {
  return operand?.numbers?.length === 1 ? (operand.numbers[0] ?? null) : null;
}
