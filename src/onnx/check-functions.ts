import type { CheckLimits } from "./check-limits.ts";
import { quoted } from "./describe.ts";
import { everyNode } from "./every-node.ts";
import type { Finding } from "./finding.ts";
import type { FunctionFacts, ModelFacts, NodeFacts } from "./model-facts.ts";
import { OPERATORS } from "./operators.generated.ts";

// Functions that call functions that call ...; exporters stay below 5.
const NESTED_MAX = 50;

/** How calls name a function of the model. */
export function functionKey(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain, name, overload]);
}

/**
 * Functions that the model brings along: each defined once, none in the place of an engine's operator, none calling
 * itself, and not more than `limits.nodesMax` nodes when all calls are written out (as the engine does).
 */
export function checkFunctions(facts: ModelFacts, limits: CheckLimits): Finding[] {
  const functions = new Map<string, FunctionFacts>();
  const findings: Finding[] = [];
  for (const body of facts.functions) {
    const key = functionKey(body.domain, body.name, body.overload);
    if (functions.has(key)) {
      findings.push(
        refusal(
          "function_defined_twice",
          `The model defines the function ${quoted(body.name)} twice, which is ambiguous. Export it again.`,
        ),
      );
    }
    if (OPERATORS[body.domain]?.includes(body.name)) {
      findings.push(
        refusal(
          "function_hides_operator",
          `The model defines a function ${quoted(body.name)} that replaces the operator of that name. Export it without that function, or with the function in a domain of its own.`,
        ),
      );
    }
    functions.set(key, body);
  }
  if (functions.size === 0 || findings.length > 0) return findings;
  const count = writtenOutCount(facts.nodes, functions);
  if (count === null) {
    return [
      refusal(
        "function_calls_itself",
        "A function of the model calls itself, which never ends. Export the model without recursive functions.",
      ),
    ];
  }
  if (count <= limits.nodesMax) return [];
  if (count === Infinity) {
    return [
      refusal(
        "functions_too_deep",
        `The functions of the model call each other more than ${NESTED_MAX} deep. Export it without functions (in PyTorch: torch.onnx.export with inlining, or onnx.inliner).`,
      ),
    ];
  }
  return [
    refusal(
      "too_many_nodes",
      `Written out, the functions of the model make ${count.toLocaleString("en")} nodes; at most ${limits.nodesMax.toLocaleString("en")} can be served. Export a smaller model.`,
    ),
  ];
}

/** Nodes when every call is replaced by the function's body; null when a function calls itself. */
function writtenOutCount(nodes: readonly NodeFacts[], functions: Map<string, FunctionFacts>): number | null {
  const counts = new Map<string, number | null>();
  const countOf = (body: readonly NodeFacts[], depth: number): number | null => {
    if (depth > NESTED_MAX) return Infinity;
    let sum = 0;
    for (const node of everyNode(body)) {
      const key = functionKey(node.domain, node.opType, node.overload);
      const called = functions.get(key);
      if (called && !counts.has(key)) {
        // Null while it is being counted: whoever meets it then is inside it.
        counts.set(key, null);
        counts.set(key, countOf(called.nodes, depth + 1));
      }
      const inside = called ? counts.get(key) : 1;
      if (inside === null || inside === undefined) return null;
      sum += inside;
    }
    return sum;
  };
  return countOf(nodes, 0);
}

function refusal(code: string, message: string): Finding {
  return { level: "error", code, message };
}
