import type { AttributeFacts, GraphFacts, InputInfo, NodeFacts, TensorFacts, ValueInfo } from "./model-facts.ts";
import { ATTRIBUTE, GRAPH, NODE } from "./onnx-fields.ts";
import type { ReadBudget } from "./read-budget.ts";
import { readSparseTensor, readTensor } from "./read-tensor.ts";
import { readValueInfo } from "./read-type.ts";
import { damaged, WireReader } from "./wire.ts";

/** A GraphProto with its subgraphs; throws OnnxError when damaged or beyond the budget. */
export function readGraph(bytes: Uint8Array, budget: ReadBudget): GraphFacts {
  return budget.deeper(() => {
    const reader = new WireReader(bytes);
    const nodes: NodeFacts[] = [];
    const declared: ValueInfo[] = [];
    const outputs: ValueInfo[] = [];
    const initializers: TensorFacts[] = [];
    while (reader.next()) {
      if (reader.field === GRAPH.node) nodes.push(readNode(reader.slice(), budget));
      else if (reader.field === GRAPH.input) declared.push(readValueInfo(reader.slice(), budget));
      else if (reader.field === GRAPH.output) outputs.push(readValueInfo(reader.slice(), budget));
      else if (reader.field === GRAPH.initializer) initializers.push(readTensor(reader.slice(), budget));
      else if (reader.field === GRAPH.sparseInitializer) initializers.push(...readSparseTensor(reader.slice(), budget));
    }
    const constants = new Set(initializers.map((tensor) => tensor.name));
    const inputs: InputInfo[] = declared.map((value) => ({
      ...value,
      hasDefault: constants.has(value.name),
    }));
    return { nodes, inputs, outputs, initializers };
  });
}

/** "" and "ai.onnx" are the same domain. */
export function domainName(written: string): string {
  return written === "" ? "ai.onnx" : written;
}

/** A NodeProto. */
export function readNode(bytes: Uint8Array, budget: ReadBudget): NodeFacts {
  budget.spend();
  const reader = new WireReader(bytes);
  const node: NodeFacts = {
    opType: "",
    domain: "ai.onnx",
    overload: "",
    name: "",
    inputs: [],
    outputs: [],
    attributes: [],
  };
  while (reader.next()) {
    switch (reader.field) {
      case NODE.input:
        budget.spend();
        node.inputs.push(reader.text());
        break;
      case NODE.output:
        budget.spend();
        node.outputs.push(reader.text());
        break;
      case NODE.name:
        node.name = reader.text();
        break;
      case NODE.opType:
        node.opType = reader.text();
        break;
      case NODE.domain:
        node.domain = domainName(reader.text());
        break;
      case NODE.overload:
        node.overload = reader.text();
        break;
      case NODE.attribute:
        node.attributes.push(readAttribute(reader.slice(), budget));
        break;
    }
  }
  return node;
}

function readAttribute(bytes: Uint8Array, budget: ReadBudget): AttributeFacts {
  budget.spend();
  const reader = new WireReader(bytes);
  const attribute: AttributeFacts = { name: "", bytes, isReference: false, tensors: [], graphs: [] };
  let singles = 0;
  while (reader.next()) {
    // The engine would merge two of these into one that nobody has checked.
    if ((reader.field === ATTRIBUTE.t || reader.field === ATTRIBUTE.g) && ++singles > 1) {
      throw damaged(`the attribute "${attribute.name}" has two values`);
    }
    switch (reader.field) {
      case ATTRIBUTE.name:
        attribute.name = reader.text();
        break;
      case ATTRIBUTE.refName:
        attribute.isReference = reader.slice().length > 0;
        break;
      case ATTRIBUTE.t:
      case ATTRIBUTE.tensors:
        attribute.tensors.push(readTensor(reader.slice(), budget));
        break;
      case ATTRIBUTE.sparseTensor:
      case ATTRIBUTE.sparseTensors:
        attribute.tensors.push(...readSparseTensor(reader.slice(), budget));
        break;
      case ATTRIBUTE.g:
      case ATTRIBUTE.graphs:
        attribute.graphs.push(readGraph(reader.slice(), budget));
        break;
    }
  }
  return attribute;
}
