import { declaredLabels, isZipMap } from "./class-labels.ts";
import { nodeText, quoted } from "./describe.ts";
import type { GraphFacts, ModelFacts, NodeFacts } from "./model-facts.ts";
import { DIM, NODE, SHAPE, TYPE, TYPE_PART, VALUE_INFO } from "./onnx-fields.ts";
import { OnnxError } from "./onnx-error.ts";
import { bytesField, integerField, Rope, rewriteMessage, textField } from "./wire-writer.ts";

const FLOAT = 1;

export interface ZipMapOutput {
  node: NodeFacts;
  /** Position among the graph's nodes. */
  index: number;
  output: string;
  labels: string[] | null;
}

/**
 * The ZipMap nodes that make graph outputs, ready to be taken out. Throws OnnxError `sequence_consumed` when another
 * node works on with what one of them makes.
 */
export function zipMapOutputs(facts: ModelFacts): ZipMapOutput[] {
  const names = new Set(facts.outputs.map((output) => output.name));
  return facts.nodes.flatMap((node, index) => {
    const [output = ""] = node.outputs;
    if (!isZipMap(node) || !names.has(output)) return [];
    const consumer = findConsumer(facts, output);
    if (consumer) {
      throw new OnnxError(
        "sequence_consumed",
        `Probabilities are packed into a list of maps by ${nodeText(node)}, and ${consumer} works on with that list, so it cannot be taken out. Export the model with options={"zipmap": False}.`,
      );
    }
    return [{ node, index, output, labels: declaredLabels(node) }];
  });
}

/** Whoever reads a value of the main graph, subgraphs included; null when nobody does. */
function findConsumer(graph: GraphFacts, name: string): string | null {
  for (const node of graph.nodes) {
    if (node.inputs.includes(name)) return nodeText(node);
    for (const inner of node.attributes.flatMap((attribute) => attribute.graphs)) {
      if (inner.outputs.some((output) => output.name === name)) return nodeText(node);
      const consumer = findConsumer(inner, name);
      if (consumer) return consumer;
    }
  }
  return null;
}

/** The Identity node that stands in for a ZipMap: the same name, input and output. */
export function identityNode(zipMap: NodeFacts): Rope {
  const node = new Rope();
  node.add(textField(NODE.input, zipMap.inputs[0] ?? "")).add(textField(NODE.output, zipMap.outputs[0] ?? ""));
  if (zipMap.name !== "") node.add(textField(NODE.name, zipMap.name));
  return node.add(textField(NODE.opType, "Identity"));
}

/** The output's ValueInfoProto with the type float tensor; all else in it (name, doc) stays. */
export function probabilityOutput(message: Uint8Array, zipMap: ZipMapOutput, facts: ModelFacts): Uint8Array | Rope {
  const tensor = integerField(TYPE_PART.elem, FLOAT);
  const shape = probabilityShape(zipMap, facts);
  if (shape) tensor.add(bytesField(TYPE_PART.shape, shape));
  const type = bytesField(VALUE_INFO.type, bytesField(TYPE.tensor, tensor));
  return rewriteMessage(message, (reader) => (reader.field === VALUE_INFO.type ? "drop" : "keep"), type);
}

/** [rows, classes]; where a ZipMap reads a graph input directly, as many dimensions as that has. */
function probabilityShape({ node, labels }: ZipMapOutput, facts: ModelFacts): Rope | null {
  const source = facts.inputs.find((input) => input.name === node.inputs[0]);
  if (source?.type.kind === "tensor" && source.type.shape === null) return null;
  const rank = source?.type.kind === "tensor" ? (source.type.shape?.length ?? 2) : 2;
  const shape = new Rope();
  for (let axis = 0; axis < rank; axis++) {
    const isClasses = axis === rank - 1 && labels !== null;
    shape.add(bytesField(SHAPE.dim, isClasses ? integerField(DIM.value, labels.length) : new Rope()));
  }
  return shape;
}

/** The sentence for the model's report. */
export function zipMapMessage({ node, output, labels }: ZipMapOutput): string {
  const classes = labels
    ? `${labels.length} probabilities a row (${labels.slice(0, 5).map(quoted).join(", ")}${labels.length > 5 ? ", ..." : ""})`
    : "probabilities, one column a class";
  return `The output ${quoted(output)} was a list of maps, made by ${nodeText(node)} as skl2onnx does by default. That node was taken out: the output is now a table of ${classes}. Nothing to do; options={"zipmap": False} exports it so from the start.`;
}
