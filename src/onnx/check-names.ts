import { listed, nodeText, quoted } from "./describe.ts";
import { everyNode } from "./every-node.ts";
import type { Finding } from "./finding.ts";
import type { GraphFacts, ModelFacts, NodeFacts } from "./model-facts.ts";

const NAMED_MAX = 5;

/**
 * Every value is made once, and every attribute given once: of two, the engine might take another one than was checked.
 * An initializer of an input's name is that input's default, and no second value.
 */
export function checkNames(facts: ModelFacts): Finding[] {
  const twice = new Set<string>();
  collectRepeated(facts, twice);
  for (const body of facts.functions) collectRepeated({ ...body, inputs: [], initializers: [] }, twice);
  const nodes = [...everyNode(facts.nodes), ...facts.functions.flatMap((body) => everyNode(body.nodes))];
  const findings: Finding[] = [];
  if (twice.size > 0) {
    const names = listed([...twice].map(quoted), NAMED_MAX);
    findings.push(
      refusal("value_made_twice", `The graph defines these values more than once: ${names}. Export the model again.`),
    );
  }
  const unclear = nodes.find(hasRepeatedAttribute);
  if (unclear) {
    findings.push(
      refusal("attribute_given_twice", `An attribute is given twice in ${nodeText(unclear)}. Export the model again.`),
    );
  }
  return findings;
}

function collectRepeated(
  graph: Pick<GraphFacts, "nodes" | "initializers"> & { inputs: { name: string }[] },
  into: Set<string>,
): void {
  const made = new Set(graph.inputs.map((input) => input.name));
  const constants = new Set<string>();
  for (const { name } of graph.initializers) {
    if (name !== "" && constants.has(name)) into.add(name);
    constants.add(name);
  }
  for (const name of constants) made.add(name);
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output !== "" && made.has(output)) into.add(output);
      made.add(output);
    }
    for (const attribute of node.attributes) for (const inner of attribute.graphs) collectRepeated(inner, into);
  }
}

function hasRepeatedAttribute(node: NodeFacts): boolean {
  return new Set(node.attributes.map((attribute) => attribute.name)).size < node.attributes.length;
}

function refusal(code: string, message: string): Finding {
  return { level: "error", code, message };
}
