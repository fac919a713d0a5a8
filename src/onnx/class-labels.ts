import { floatsAttribute, integersAttribute, stringsAttribute, tensorAttribute } from "./attribute-values.ts";
import type { ModelFacts, NodeFacts, TensorFacts } from "./model-facts.ts";
import { tensorNumbers, tensorStrings } from "./tensor-values.ts";

// More classes than any table of probabilities has columns.
const LABELS_MAX = 4096;
const STEPS_MAX = 64;
const CLASSIFIERS = new Set(["TreeEnsembleClassifier", "LinearClassifier", "SVMClassifier"]);
// Operators that hand labels on as they are, from their first input.
const CARRIERS = new Set(["Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose"]);

/**
 * The labels of a classifier's classes, as strings, in the order of its probability columns: those of the ZipMap at an
 * output, else those of whatever makes a label output (a classifier node, a LabelEncoder behind one, a lookup by the
 * largest probability), else those of the only classifier node. Null when the file does not tell.
 */
export function classLabels(facts: ModelFacts): string[] | null {
  const producers = new Map<string, NodeFacts>();
  for (const node of facts.nodes) for (const output of node.outputs) if (output !== "") producers.set(output, node);
  const outputs = facts.outputs.flatMap((output) => producers.get(output.name) ?? []);
  const zipMap = outputs.find((node) => isZipMap(node));
  if (zipMap) return declaredLabels(zipMap);
  const constants = new Map(facts.initializers.map((tensor) => [tensor.name, tensor]));
  for (const { name, type } of facts.outputs) {
    if (type.kind === "tensor" && type.elem.startsWith("float")) continue;
    const labels = labelsBehind(name, { producers, constants }, STEPS_MAX);
    if (labels) return labels;
  }
  const classifiers = facts.nodes.filter((node) => isClassifier(node));
  const [only] = classifiers;
  return only && classifiers.length === 1 ? declaredLabels(only) : null;
}

export function isZipMap(node: NodeFacts): boolean {
  return node.domain === "ai.onnx.ml" && node.opType === "ZipMap";
}

function isClassifier(node: NodeFacts): boolean {
  return node.domain === "ai.onnx.ml" && CLASSIFIERS.has(node.opType);
}

interface Sources {
  producers: Map<string, NodeFacts>;
  constants: Map<string, TensorFacts>;
}

function labelsBehind(name: string, sources: Sources, stepsLeft: number): string[] | null {
  const node = sources.producers.get(name);
  if (!node || stepsLeft === 0) return null;
  const [first = ""] = node.inputs;
  if (isClassifier(node)) return node.outputs[0] === name ? declaredLabels(node) : null;
  if (node.domain === "ai.onnx.ml" && node.opType === "LabelEncoder") {
    return encodedLabels(node, labelsBehind(first, sources, stepsLeft - 1));
  }
  // skl2onnx: the label is classes[ArgMax(probabilities)].
  if (node.opType === "ArrayFeatureExtractor" || node.opType === "Gather") {
    return constantLabels(first, sources);
  }
  return CARRIERS.has(node.opType) ? labelsBehind(first, sources, stepsLeft - 1) : null;
}

function constantLabels(name: string, { constants, producers }: Sources): string[] | null {
  const producer = producers.get(name);
  const tensor = constants.get(name) ?? (producer?.opType === "Constant" ? tensorAttribute(producer, "value") : null);
  return tensor ? tensorLabels(tensor) : null;
}

function tensorLabels(tensor: TensorFacts): string[] | null {
  return tensorStrings(tensor, LABELS_MAX) ?? tensorNumbers(tensor, LABELS_MAX)?.map(String) ?? null;
}

/** The labels that a classifier or ZipMap node lists itself; null when it lists none, or too many. */
export function declaredLabels(node: NodeFacts): string[] | null {
  const names = ["classlabels_strings", "classlabels_int64s", "classlabels_ints"];
  const labels = names.map((name) => attributeLabels(node, name)).find((list) => list !== null);
  return labels && labels.length <= LABELS_MAX ? labels : null;
}

/** A list attribute of texts, integers or floats, as texts; null when it is missing, empty or far too long. */
function attributeLabels(node: NodeFacts, name: string): string[] | null {
  const lists = [stringsAttribute(node, name), integersAttribute(node, name), floatsAttribute(node, name)];
  return lists.find((list) => list && list.length > 0)?.map(String) ?? null;
}

/** What a LabelEncoder makes of each class before it; without those, its values in the order of keys 0, 1, ... */
function encodedLabels(node: NodeFacts, before: string[] | null): string[] | null {
  const keys = listOf(node, "keys");
  // Opset 1 has only classes_strings, and maps both ways: texts to positions where texts come in.
  const values = listOf(node, "values") ?? (before ? attributeLabels(node, "classes_strings") : null);
  if (!values || values.length > LABELS_MAX) return null;
  const byKey = new Map(values.map((value, index) => [keys?.[index] ?? String(index), value]));
  const wanted = before ?? values.map((_, index) => String(index));
  const labels = wanted.flatMap((key) => byKey.get(key) ?? []);
  return labels.length === wanted.length ? labels : null;
}

function listOf(node: NodeFacts, side: "keys" | "values"): string[] | null {
  const tensor = tensorAttribute(node, `${side}_tensor`);
  if (tensor) return tensorLabels(tensor);
  const names = [`${side}_strings`, `${side}_int64s`, `${side}_floats`];
  return names.map((name) => attributeLabels(node, name)).find((list) => list !== null) ?? null;
}
