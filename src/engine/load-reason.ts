/** What the runtime says of a file that it does not load, and the sentence that stands for it. The first that fits counts. */
const REASONS: readonly [RegExp, (node: string) => string][] = [
  [
    /protobuf parsing failed|invalid protobuf|no graph was found|model_proto|ModelProto/i,
    () =>
      "The file cannot be read as an ONNX model: it is damaged or cut off. Export it again, and upload the whole file.",
  ],
  [
    /not a registered function\/op|No Op registered/i,
    (node) =>
      `The engine does not have the operator of ${node}. Export the model with standard ONNX operators, if need be with another opset version.`,
  ],
  [
    /Could not find an implementation/i,
    (node) =>
      `The engine does not have ${node} for the types that it is given. Export the model with float32 tensors, or with another opset version.`,
  ],
  [
    /Type Error|type inference|bound to different types|data type|ElementType/i,
    (node) =>
      `The types of the tensors do not go together in ${node}. Export the model again, and check it with onnx.checker.check_model.`,
  ],
  [
    /ShapeInferenceError|shape inference|dimension|shape|rank|broadcast/i,
    (node) =>
      `The shapes of the tensors do not go together in ${node}. Export the model again, and check it with onnx.checker.check_model.`,
  ],
  [
    /attribute/i,
    (node) =>
      `An attribute is missing or not valid in ${node}. Export the model again, and check it with onnx.checker.check_model.`,
  ],
  [
    /cycle|acyclic|Duplicate|not output of any previous nodes|topologically/i,
    (node) =>
      `The graph is not well formed at ${node}. Export the model again, and check it with onnx.checker.check_model.`,
  ],
];

const OTHER = (node: string): string =>
  `The engine cannot load the model (${node}). Run it once with onnxruntime in Python, which names the cause, and export it again.`;

/**
 * Why a model does not load, in a sentence of ours: `said` is what the runtime says. Names the node that it is about, where it names one.
 */
export function loadReason(said: string): string {
  const write = REASONS.find(([pattern]) => pattern.test(said))?.[1] ?? OTHER;
  return write(nodeIn(said));
}

/** The runtime has four ways to name a node. */
function nodeIn(said: string): string {
  const [, name, kind] =
    /\(node:([^)]*?)\)? ?(?:Op|op_type):(\w+)/.exec(said) ?? /In Node, \("([^"]*)", (\w+)/.exec(said) ?? [];
  const [, kindFirst, nameLast] = /implementation for (\w+)\(\d+\) node with name '([^']*)'/.exec(said) ?? [];
  const [, registered] =
    /(?:error: |for )([\w.:]+)\(-?\d+\) is not a registered/.exec(said) ??
    /No Op registered for (\w+)/.exec(said) ??
    [];
  const [, optype, inNode] = /Optype \((\w+)\)(?:.*in node \(([^)]*)\))?/.exec(said) ?? [];
  const kindOf = kind ?? kindFirst ?? optype ?? registered;
  const nameOf = name ?? nameLast ?? inNode;
  if (kindOf === undefined) return "one of its nodes";
  return nameOf ? `the ${kindOf} node "${nameOf}"` : `a node of kind ${kindOf}`;
}
