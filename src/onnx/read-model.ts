import type {
  AttributeFacts,
  FunctionFacts,
  GraphFacts,
  ModelFacts,
  NodeFacts,
  OpsetImport,
  TensorFacts,
} from "./model-facts.ts";
import { FUNCTION, MODEL, OPSET } from "./onnx-fields.ts";
import { OnnxError } from "./onnx-error.ts";
import { ReadBudget } from "./read-budget.ts";
import { domainName, readGraph, readNode } from "./read-graph.ts";
import { readEntry } from "./read-tensor.ts";
import { explainForeignFile, refuseOtherFormats } from "./recognise-file.ts";
import { damaged, lenientUtf8, WireReader } from "./wire.ts";

/**
 * What an ONNX file says about itself: signature, nodes, opsets, external files. Weights are not decoded, and nothing
 * is copied: tensors and attributes are views on `bytes`. Throws OnnxError, with a message for the uploader, on
 * anything that is not a whole ONNX model; it says nothing yet about whether the engine can run it (see checkModel).
 */
export function readModel(bytes: Uint8Array): ModelFacts {
  refuseOtherFormats(bytes);
  try {
    return readModelProto(bytes);
  } catch (error) {
    if (!(error instanceof OnnxError) || error.code === "too_complex") throw error;
    throw explainForeignFile(bytes) ?? (beginsLikeModel(bytes) ? error : notOnnx());
  }
}

function notOnnx(): OnnxError {
  return new OnnxError(
    "not_onnx",
    "This is not an ONNX model: the bytes are not laid out as one. Upload the .onnx file that the exporter wrote (skl2onnx, onnxmltools, torch.onnx, tf2onnx).",
  );
}

// Every exporter writes a small IR version first, then producer, graph or opset.
function beginsLikeModel(bytes: Uint8Array): boolean {
  const second = bytes[2] ?? 0;
  const field = second >> 3;
  const known: readonly number[] = Object.values(MODEL);
  return bytes[0] === 0x08 && (bytes[1] ?? 0) < 0x80 && (known.includes(field) || (field >= 4 && field <= 6));
}

function readModelProto(bytes: Uint8Array): ModelFacts {
  const budget = new ReadBudget();
  const reader = new WireReader(bytes);
  const producer = { name: "", version: "" };
  const opsets: OpsetImport[] = [];
  const functions: FunctionFacts[] = [];
  const metadata: { key: string; value: string }[] = [];
  let irVersion: number | null = null;
  let graph: GraphFacts | null = null;
  while (reader.next()) {
    switch (reader.field) {
      case MODEL.irVersion:
        irVersion = reader.integer();
        break;
      case MODEL.producerName:
        producer.name = lenientUtf8(reader.slice());
        break;
      case MODEL.producerVersion:
        producer.version = lenientUtf8(reader.slice());
        break;
      case MODEL.graph:
        // The engine would merge two graphs into one that nobody has checked.
        if (graph) throw damaged("it holds two graphs");
        graph = readGraph(reader.slice(), budget);
        break;
      case MODEL.opsetImport:
        budget.spend();
        opsets.push(readOpset(reader.slice()));
        break;
      case MODEL.metadata:
        budget.spend();
        metadata.push(readEntry(reader.slice()));
        break;
      case MODEL.functions:
        functions.push(readFunction(reader.slice(), budget));
        break;
    }
  }
  if (!graph || irVersion === null) throw notOnnx();
  const externalData = collectTensors(graph, functions).flatMap((tensor) => tensor.external ?? []);
  return { ...graph, irVersion, producer, opsets, functions, externalData, metadata };
}

function readOpset(bytes: Uint8Array): OpsetImport {
  const reader = new WireReader(bytes);
  const opset = { domain: "ai.onnx", version: 0 };
  while (reader.next()) {
    if (reader.field === OPSET.domain) opset.domain = domainName(reader.text());
    else if (reader.field === OPSET.version) opset.version = reader.integer();
  }
  return opset;
}

function readFunction(bytes: Uint8Array, budget: ReadBudget): FunctionFacts {
  budget.spend();
  const reader = new WireReader(bytes);
  const facts: FunctionFacts = {
    domain: "ai.onnx",
    name: "",
    overload: "",
    inputs: [],
    outputs: [],
    nodes: [],
  };
  while (reader.next()) {
    if (reader.field === FUNCTION.name) facts.name = reader.text();
    else if (reader.field === FUNCTION.domain) facts.domain = domainName(reader.text());
    else if (reader.field === FUNCTION.overload) facts.overload = reader.text();
    else if (reader.field === FUNCTION.node) facts.nodes.push(readNode(reader.slice(), budget));
    else if (reader.field === FUNCTION.input || reader.field === FUNCTION.output) {
      budget.spend();
      (reader.field === FUNCTION.input ? facts.inputs : facts.outputs).push(reader.text());
    }
  }
  return facts;
}

/** Every constant tensor of a model: initializers and tensor attributes, those of subgraphs and functions included. */
export function collectTensors(graph: GraphFacts, functions: readonly FunctionFacts[]): TensorFacts[] {
  const tensors: TensorFacts[] = [];
  const fromAttribute = (attribute: AttributeFacts): void => {
    for (const tensor of attribute.tensors) tensors.push(tensor);
    attribute.graphs.forEach(fromGraph);
  };
  const fromNode = (node: NodeFacts): void => node.attributes.forEach(fromAttribute);
  const fromGraph = (inner: GraphFacts): void => {
    for (const tensor of inner.initializers) tensors.push(tensor);
    inner.nodes.forEach(fromNode);
  };
  fromGraph(graph);
  for (const { nodes } of functions) nodes.forEach(fromNode);
  return tensors;
}
