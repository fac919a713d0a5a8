// Writes src/onnx/operators.generated.ts: the operators and versions that the installed engine really has.
// Run with `npm exec -- node scripts/list-operators.ts` after every change of onnxruntime-web (ten seconds), then format the file (oxfmt).
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-web/wasm";
import { ATTRIBUTE, GRAPH, MODEL, NODE, OPSET, TENSOR, TYPE, TYPE_PART, VALUE_INFO } from "../src/onnx/onnx-fields.ts";
import { bytesField, floatField, integerField, Rope, textField } from "../src/onnx/wire-writer.ts";

const DOMAINS = ["ai.onnx", "ai.onnx.ml", "com.microsoft"];
// Complaints that come from an operator's own code, so after its kernel was found.
const FROM_THE_KERNEL = /Exception during initialization|onnxruntime\/(core\/providers|contrib_ops)\//;
const OPSETS_TRIED_MAX = 100;
// FLOAT, INT64, STRING, BOOL, UINT8, INT32, DOUBLE, FLOAT16, INT8: enough for every operator to find its kernel.
const ELEMENT_TYPES = [1, 7, 8, 9, 2, 6, 11, 10, 3];
const OPSETS_TRIED = [24, 23, 22, 21, 17, 13, 11, 9, 7, 1];
const REPAIRS_MAX = 16;
// Opsets at which a name is tried, behind the newest: operators come, and old ones go.
const NAMES_TRIED_AT = [18, 10, 1];
// Names that are short enough to stand in the code of the engine and not among its texts, and all that ONNX ever had or has under
// such a name: the linker leaves no trace of them.
const SHORT_NAMES =
  "Abs Acos Add Affine And ArgMax ArgMin Asin Atan ATen Cast Ceil Celu Clip Concat Conv Cos Cosh Crop CumSum Det DFT Div Dropout DynamicSlice Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor Gather Gelu Gemm GivenTensorFill Greater GroupNorm GRU GRUUnit HardSwish Identity If ImageScaler IsInf IsNaN LayerNorm LeakyRelu Less Log Loop LpNorm LpPool LRN LSTM MatMul Max MaxPool Mean Min Mish Mod Mul Neg NonZero Not OneHot Optional Or Pad ParametricSoftplus Pow PRelu QLinearAdd Range Relu Reshape Resize RNN Round Scale ScaledTanh Scan Scatter Selu Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax Softplus Softsign Split Sqrt Squeeze STFT Sub Sum Swish Tan Tanh Tile TopK Trilu Unique Upsample Where Xor".split(
    " ",
  );

interface Probe {
  domain: string;
  opset: number;
  opType: string;
  inputTypes: number[];
  outputs: number;
  attributes: Map<string, string>;
}
type Verdict = "unknown" | "exists" | "missing" | "unclear";

function attribute(name: string, kind: string): Rope {
  const rope = new Rope().add(textField(ATTRIBUTE.name, name));
  const number = ["", "FLOAT", "INT", "STRING", "TENSOR", "GRAPH", "FLOATS", "INTS", "STRINGS"].indexOf(kind);
  const oneFloat = new Rope()
    .add(integerField(TENSOR.dims, 1))
    .add(integerField(TENSOR.dataType, 1))
    .add(floatField(TENSOR.floatData, 1));
  const values: Record<string, Rope> = {
    FLOAT: floatField(ATTRIBUTE.f, 1),
    INT: integerField(ATTRIBUTE.i, 1),
    STRING: textField(ATTRIBUTE.s, "a"),
    TENSOR: bytesField(ATTRIBUTE.t, oneFloat),
    GRAPH: bytesField(ATTRIBUTE.g, textField(2, "body")),
    FLOATS: floatField(ATTRIBUTE.floats, 1),
    INTS: integerField(ATTRIBUTE.ints, 1),
    STRINGS: textField(ATTRIBUTE.strings, "a"),
  };
  return rope.add(values[kind] ?? new Rope()).add(integerField(ATTRIBUTE.type, number));
}

function model(probe: Probe): Uint8Array {
  const node = new Rope();
  const graph = new Rope();
  probe.inputTypes.forEach((_, index) => node.add(textField(NODE.input, `x${index}`)));
  for (let index = 0; index < probe.outputs; index++) node.add(textField(NODE.output, `y${index}`));
  // The engine validates the opset of ai.onnx only where the domain is written in its short form, as nothing.
  const domain = probe.domain === "ai.onnx" ? "" : probe.domain;
  node.add(textField(NODE.opType, probe.opType)).add(textField(NODE.domain, domain));
  for (const [name, kind] of probe.attributes) node.add(bytesField(NODE.attribute, attribute(name, kind)));
  graph.add(bytesField(GRAPH.node, node)).add(textField(2, "probe"));
  probe.inputTypes.forEach((elem, index) => {
    const type = bytesField(TYPE.tensor, integerField(TYPE_PART.elem, elem));
    const value = new Rope().add(textField(VALUE_INFO.name, `x${index}`)).add(bytesField(VALUE_INFO.type, type));
    graph.add(bytesField(GRAPH.input, value));
  });
  if (probe.outputs > 0) graph.add(bytesField(GRAPH.output, textField(VALUE_INFO.name, "y0")));
  const opset = new Rope().add(textField(OPSET.domain, domain)).add(integerField(OPSET.version, probe.opset));
  return new Rope()
    .add(integerField(MODEL.irVersion, 8))
    .add(bytesField(MODEL.graph, graph))
    .add(bytesField(MODEL.opsetImport, opset))
    .join();
}

/** The engine's complaint about a model; "" when it loads. */
async function complaint(probe: Probe): Promise<string> {
  try {
    const session = await ort.InferenceSession.create(model(probe), { logSeverityLevel: 4 });
    await session.release();
    return "";
  } catch (error) {
    return String(error);
  }
}

const isUnknown = (text: string): boolean =>
  text.includes("is not a registered function/op") || text.includes("No Op registered for");

/** Changes the probe towards what the complaint asks for; false when it asks for nothing that can be given. */
function repair(probe: Probe, text: string, elem: number): boolean {
  const size = /has (input|output) size (\d+) not in range \[min=(\d+)/.exec(text);
  if (size) {
    const [, side, given, min] = size;
    const wanted = Number(min) > Number(given) ? Number(min) : Number(given) - 1;
    if (wanted < 0) return false;
    if (side === "output") probe.outputs = wanted;
    else probe.inputTypes = Array.from({ length: wanted }, (_, index) => probe.inputTypes[index] ?? elem);
    return true;
  }
  const lacking = /Required attribute '([^']+)' is missing/.exec(text);
  if (lacking?.[1] !== undefined) {
    if (probe.attributes.has(lacking[1])) return false;
    probe.attributes.set(lacking[1], "INT");
    return true;
  }
  const mismatch = /Mismatched attribute type in '[^']* : ([^']+)'. Expected: '([A-Z]+)'/.exec(text);
  if (mismatch?.[1] !== undefined && mismatch[2] !== undefined) {
    if (probe.attributes.get(mismatch[1]) === mismatch[2]) return false;
    probe.attributes.set(mismatch[1], mismatch[2]);
    return true;
  }
  const output = /output index (\d+) is out of range/.exec(text);
  if (output?.[1] !== undefined) {
    probe.outputs = Number(output[1]) + 1;
    return true;
  }
  const type = /of input parameter \((?:InsertedPrecisionFreeCast_)?x(\d+)\)/.exec(text);
  if (type?.[1] !== undefined) {
    const position = Number(type[1]);
    const next = ELEMENT_TYPES.indexOf(probe.inputTypes[position] ?? elem) + 1;
    probe.inputTypes[position] = ELEMENT_TYPES[next % ELEMENT_TYPES.length] ?? elem;
    return true;
  }
  return false;
}

/** Builds a valid call of the operator step by step, guided by the complaints, until the engine looks for its kernel. */
async function probeKernel(domain: string, opset: number, opType: string, elem: number): Promise<Verdict> {
  const probe: Probe = {
    domain,
    opset,
    opType,
    inputTypes: [elem],
    outputs: 1,
    attributes: new Map(),
  };
  for (let round = 0; round < REPAIRS_MAX; round++) {
    const text = await complaint(probe);
    if (text === "" || FROM_THE_KERNEL.test(text)) return "exists";
    if (text.includes("Could not find an implementation")) return "missing";
    if (isUnknown(text)) return "unknown";
    if (!repair(probe, text, elem)) {
      lastComplaint.set(`${domain}:${opType}`, text);
      return "unclear";
    }
  }
  return "unclear";
}
const lastComplaint = new Map<string, string>();

async function verdict(domain: string, opType: string, opsetMax: number): Promise<Verdict> {
  const seen = new Set<Verdict>();
  for (const opset of [opsetMax, ...OPSETS_TRIED.filter((version) => version < opsetMax)]) {
    for (const elem of ELEMENT_TYPES) {
      const found = await probeKernel(domain, opset, opType, elem);
      if (found === "exists") return found;
      seen.add(found);
    }
  }
  return seen.has("missing") ? "missing" : "unclear";
}

async function opsetLimit(domain: string): Promise<number> {
  let limit = 0;
  for (let opset = 1; opset <= OPSETS_TRIED_MAX; opset++) {
    const probe: Probe = {
      domain,
      opset,
      opType: "NoSuchOperator",
      inputTypes: [1],
      outputs: 1,
      attributes: new Map(),
    };
    if (!isUnknown(await complaint(probe))) break;
    limit = opset;
  }
  return limit;
}

async function irLimit(): Promise<number> {
  const probe: Probe = {
    domain: "ai.onnx",
    opset: 1,
    opType: "Identity",
    inputTypes: [1],
    outputs: 1,
    attributes: new Map(),
  };
  const bytes = model(probe);
  for (let version = 1; version < 127; version++) {
    // The version is the second byte of the model: a one-byte varint behind its tag.
    bytes[1] = version;
    try {
      await (await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 })).release();
    } catch (error) {
      if (String(error).includes("Unsupported model IR version")) return version - 1;
      throw error;
    }
  }
  throw new Error("The engine refuses no IR version.");
}

/** Whether any opset knows the operator. */
async function isKnown(domain: string, opType: string, opsetMax: number): Promise<boolean> {
  for (const opset of [opsetMax, ...NAMES_TRIED_AT.filter((version) => version < opsetMax)]) {
    const probe: Probe = { domain, opset, opType, inputTypes: [1], outputs: 1, attributes: new Map() };
    if (!isUnknown(await complaint(probe))) return true;
  }
  return false;
}

/** Every identifier of the engine that could be an operator: the linker merges names that end alike, so endings count. */
function candidates(): string[] {
  const file = join(import.meta.dirname, "../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm");
  const found = new Set<string>();
  for (const [word] of readFileSync(file)
    .toString("latin1")
    .matchAll(/[A-Za-z][A-Za-z0-9_]{1,63}/g)) {
    for (let start = 0; start < word.length - 1; start++) {
      if (/[A-Z]/.test(word.charAt(start))) found.add(word.slice(start));
    }
  }
  for (const name of SHORT_NAMES) found.add(name);
  return [...found].toSorted();
}

async function main(): Promise<void> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "fatal";
  const words = candidates();
  console.log(`${words.length} candidates`);
  const operators: Record<string, string[]> = {};
  const unimplemented: Record<string, string[]> = {};
  const opsets: Record<string, number> = {};
  for (const domain of DOMAINS) {
    const limit = await opsetLimit(domain);
    const known: string[] = [];
    for (const word of words) {
      if (await isKnown(domain, word, limit)) known.push(word);
    }
    const missing: string[] = [];
    for (const opType of known) {
      const found = await verdict(domain, opType, limit);
      if (found === "missing") missing.push(opType);
      if (found === "unclear")
        console.log(`${domain} ${opType}: counted as there. ${lastComplaint.get(`${domain}:${opType}`)}`);
    }
    operators[domain] = known.filter((opType) => !missing.includes(opType));
    unimplemented[domain] = missing;
    opsets[domain] = limit;
    console.log(
      `${domain}: opset ${limit}, ${known.length} operators, ${missing.length} without implementation: ${missing.join(", ")}`,
    );
  }
  const version = String(ort.env.versions.web);
  const text = [
    `// Made by scripts/list-operators.ts with onnxruntime-web ${version}; do not edit. Every identifier in the engine's WASM was tried`,
    "// as an operator of each domain in a model of one node, and sorted by what the engine answered.",
    `export const ENGINE_VERSION = ${JSON.stringify(version)};`,
    `export const IR_VERSION_MAX = ${await irLimit()};`,
    `/** The newest opset of each domain that the engine loads. */`,
    `export const OPSET_MAX: Readonly<Record<string, number>> = ${JSON.stringify(opsets)};`,
    `/** Operators that the engine can run, by domain; the oldest and newest opsets may lack some of them. */`,
    `export const OPERATORS: Readonly<Record<string, readonly string[]>> = ${lists(operators)};`,
    `/** Operators that the engine knows by name only: a model with one of them does not load. */`,
    `export const UNIMPLEMENTED_OPERATORS: Readonly<Record<string, readonly string[]>> = ${lists(unimplemented)};`,
    "",
  ].join("\n");
  writeFileSync(join(import.meta.dirname, "../src/onnx/operators.generated.ts"), text);
}

/** One string per domain, split when the module loads: a name per line would make a file of 400 lines. */
function lists(byDomain: Record<string, string[]>): string {
  const entries = Object.entries(byDomain).map(([domain, names]) => {
    const list = names.length === 0 ? "[]" : `${JSON.stringify(names.join(" "))}.split(" ")`;
    return `  ${JSON.stringify(domain)}: ${list},`;
  });
  return `{\n${entries.join("\n")}\n}`;
}

await main();
