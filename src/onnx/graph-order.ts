import type { GraphFacts, NodeFacts } from "./model-facts.ts";

/** Every value that a node reads: its inputs, and what its subgraphs take from outside (or seem to: a superset). */
function readNames(node: NodeFacts): string[] {
  const inner = node.attributes.flatMap((attribute) => attribute.graphs).flatMap(namesIn);
  return inner.length === 0 ? node.inputs : [...node.inputs, ...inner];
}

function namesIn(graph: GraphFacts): string[] {
  return [...graph.nodes.flatMap(readNames), ...graph.outputs.map((output) => output.name)];
}

/** Nodes so that each comes behind those it reads from; nodes of a cycle come last, in the file's order. */
export function inOrder(nodes: readonly NodeFacts[]): NodeFacts[] {
  const producer = new Map<string, number>();
  nodes.forEach((node, index) => node.outputs.forEach((output) => producer.set(output, index)));
  const waitsFor = nodes.map(() => 0);
  const readers = nodes.map((): number[] => []);
  nodes.forEach((node, index) => {
    for (const source of new Set(readNames(node).map((name) => producer.get(name)))) {
      if (source === undefined || source === index) continue;
      readers[source]?.push(index);
      waitsFor[index] = (waitsFor[index] ?? 0) + 1;
    }
  });
  const order = waitsFor.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let position = 0; position < order.length; position++) {
    for (const reader of readers[order[position] ?? 0] ?? []) {
      const left = (waitsFor[reader] ?? 0) - 1;
      waitsFor[reader] = left;
      if (left === 0) order.push(reader);
    }
  }
  const ordered = new Set(order);
  const rest = nodes.flatMap((_, index) => (ordered.has(index) ? [] : [index]));
  return [...order, ...rest].flatMap((index) => nodes[index] ?? []);
}
