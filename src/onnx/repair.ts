import { classLabels } from "./class-labels.ts";
import { listed, quoted } from "./describe.ts";
import { ExternalData, type ExternalFiles, replaced } from "./external-data.ts";
import type { Finding } from "./finding.ts";
import type { ModelFacts, ValueInfo } from "./model-facts.ts";
import { GRAPH, MODEL, OPSET, VALUE_INFO } from "./onnx-fields.ts";
import { OnnxError } from "./onnx-error.ts";
import { typeText } from "./read-type.ts";
import { identityNode, probabilityOutput, type ZipMapOutput, zipMapMessage, zipMapOutputs } from "./remove-zipmap.ts";
import { isTensorType } from "./tensor-type.ts";
import { WireReader } from "./wire.ts";
import { bytesField, type FieldEdit, integerField, Rope, rewriteMessage } from "./wire-writer.ts";

// Identity is the same in every opset; 13 is loaded by every engine since 2020.
const ADDED_OPSET = 13;

export interface RepairedModel {
  /** The file to serve; the very same array when nothing needed repair. */
  bytes: Uint8Array;
  findings: Finding[];
  /** In the order of the probability columns; null when the file does not tell. */
  classLabels: string[] | null;
}

/**
 * Makes a model servable without changing what it computes: ZipMap nodes at outputs become plain probability tables,
 * outputs that are not tensors are left out, external data is put inside. `facts` are those of `bytes`, `external` the
 * files of the same upload by name. Everything else keeps its bytes. Throws OnnxError for what cannot be repaired:
 * `sequence_consumed`, `no_tensor_output`, `external_data_missing`, `external_data_path`, `external_data_range`.
 */
export function repairModel(bytes: Uint8Array, facts: ModelFacts, external: ExternalFiles): RepairedModel {
  const zipMaps = zipMapOutputs(facts);
  const byOutput = new Map(zipMaps.map((zipMap) => [zipMap.output, zipMap]));
  const leftOut = unreadableOutputs(facts, byOutput);
  const files = new ExternalData(external);
  const plan: Plan = {
    facts,
    byOutput,
    byIndex: new Map(zipMaps.map((zipMap) => [zipMap.index, zipMap])),
    leftOut: new Set(leftOut.map((output) => output.name)),
    files: facts.externalData.length > 0 ? files : null,
  };
  // Nodes of ai.onnx without an import run at the engine's newest opset: an import would change what they mean.
  const addsOpset = zipMaps.length > 0 && !usesStandardDomain(facts);
  const opset = addsOpset ? bytesField(MODEL.opsetImport, integerField(OPSET.version, ADDED_OPSET)) : new Rope();
  const rewritten = rewriteMessage(bytes, (reader) => editModelField(reader, plan), opset);
  const findings: Finding[] = [
    ...zipMaps.map((zipMap) => repairedFinding("zipmap_removed", zipMapMessage(zipMap))),
    ...leftOut.map(leftOutFinding),
    ...externalFindings(facts, files.unused()),
  ];
  return {
    bytes: rewritten instanceof Rope ? rewritten.join() : rewritten,
    findings,
    classLabels: classLabels(facts),
  };
}

interface Plan {
  facts: ModelFacts;
  byOutput: Map<string, ZipMapOutput>;
  byIndex: Map<number, ZipMapOutput>;
  leftOut: Set<string>;
  files: ExternalData | null;
}

function usesStandardDomain(facts: ModelFacts): boolean {
  return [...facts.opsets, ...facts.nodes].some(({ domain }) => domain === "ai.onnx");
}

function editModelField(reader: WireReader, plan: Plan): FieldEdit {
  if (reader.field === MODEL.graph) return replaced(reader, rewriteGraph(reader.slice(), plan));
  if (reader.field === MODEL.functions && plan.files)
    return replaced(reader, plan.files.inlineFunction(reader.slice()));
  return "keep";
}

function rewriteGraph(message: Uint8Array, plan: Plan): Uint8Array | Rope {
  if (!plan.files && plan.byIndex.size === 0 && plan.leftOut.size === 0) return message;
  let nodeIndex = -1;
  return rewriteMessage(message, (reader) => {
    if (reader.field === GRAPH.node) {
      const zipMap = plan.byIndex.get(++nodeIndex);
      if (zipMap) return bytesField(GRAPH.node, identityNode(zipMap.node));
    } else if (reader.field === GRAPH.output) {
      const name = valueName(reader.slice());
      if (plan.leftOut.has(name)) return "drop";
      const zipMap = plan.byOutput.get(name);
      return zipMap ? replaced(reader, probabilityOutput(reader.slice(), zipMap, plan.facts)) : "keep";
    } else if (reader.field === GRAPH.valueInfo) {
      return plan.byOutput.has(valueName(reader.slice())) ? "drop" : "keep";
    }
    return plan.files ? plan.files.inlineInGraph(reader) : "keep";
  });
}

function valueName(message: Uint8Array): string {
  const reader = new WireReader(message);
  let name = "";
  while (reader.next()) if (reader.field === VALUE_INFO.name) name = reader.text();
  return name;
}

function isReadable({ type }: ValueInfo): boolean {
  return type.kind === "tensor" ? isTensorType(type.elem) || type.elem === "undefined" : type.kind === "unknown";
}

function unreadableOutputs(facts: ModelFacts, repaired: Map<string, ZipMapOutput>): ValueInfo[] {
  const unreadable = facts.outputs.filter((output) => !repaired.has(output.name) && !isReadable(output));
  if (facts.outputs.length === 0) {
    throw new OnnxError(
      "no_tensor_output",
      "The model has no outputs, so it cannot answer. Export it with its prediction as an output.",
    );
  }
  if (unreadable.length < facts.outputs.length) return unreadable;
  const texts = unreadable.map((output) => `${quoted(output.name)} is ${typeText(output.type)}`);
  throw new OnnxError(
    "no_tensor_output",
    `No output of the model is a tensor that can be read: ${listed(texts, 5)}. Export the model so that its prediction is a plain tensor.`,
  );
}

function leftOutFinding(output: ValueInfo): Finding {
  return {
    level: "warning",
    code: "output_left_out",
    message: `The output ${quoted(output.name)} is ${typeText(output.type)}, which cannot be read, so it was left out; the other outputs stay. If you need it, export it as a plain tensor.`,
  };
}

function repairedFinding(code: string, message: string): Finding {
  return { level: "repaired", code, message };
}

function externalFindings(facts: ModelFacts, unused: string[]): Finding[] {
  const findings: Finding[] = [];
  const locations = [...new Set(facts.externalData.map((ref) => ref.location))];
  if (locations.length > 0) {
    const count = facts.externalData.length;
    const message = `${count} ${count === 1 ? "tensor lay" : "tensors lay"} in ${listed(locations.map(quoted), 5)}; ${count === 1 ? "it was" : "they were"} put into the model, which is now one file. Nothing to do.`;
    findings.push(repairedFinding("external_data_inlined", message));
  }
  if (unused.length > 0) {
    const message = `The model does not refer to ${listed(unused.map(quoted), 5)} of the upload, so nothing of it was used.`;
    findings.push({ level: "info", code: "external_file_unused", message });
  }
  return findings;
}
