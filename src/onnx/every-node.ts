import type { GraphFacts, NodeFacts } from "./model-facts.ts";

/** These nodes and all nodes of their subgraphs, at any depth. */
export function everyNode(nodes: readonly NodeFacts[]): NodeFacts[] {
  const found: NodeFacts[] = [];
  const visit = (graph: Pick<GraphFacts, "nodes">): void => {
    for (const node of graph.nodes) {
      found.push(node);
      for (const attribute of node.attributes) attribute.graphs.forEach(visit);
    }
  };
  visit({ nodes: [...nodes] });
  return found;
}
