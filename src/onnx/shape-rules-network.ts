import { integerAttribute, integersAttribute, stringAttribute, stringsAttribute } from "./attribute-values.ts";
import { broadcast, type KnownDim, type KnownValue, knownCount, leastCountOf } from "./known-value.ts";
import { declaredLabels } from "./class-labels.ts";
import type { NodeFacts } from "./model-facts.ts";
import type { RuleResult, ShapeRule } from "./shape-rule.ts";

const matMul: ShapeRule = (_, [left, right]) => {
  if (!left?.dims || !right?.dims) return null;
  const a = left.dims.length === 1 ? [1, ...left.dims] : left.dims;
  const b = right.dims.length === 1 ? [...right.dims, 1] : right.dims;
  const batch = broadcast(a.slice(0, -2), b.slice(0, -2));
  const rows = left.dims.length === 1 ? [] : [a.at(-2) ?? null];
  const columns = right.dims.length === 1 ? [] : [b.at(-1) ?? null];
  return { dims: batch && [...batch, ...rows, ...columns], elem: left.elem };
};

const fusedMatMul: ShapeRule = (node, operands) => {
  // Transposed operands keep the larger dimensions in sight, but not where they stand.
  const transposes = ["transA", "transB", "transBatchA", "transBatchB"].some(
    (name) => (integerAttribute(node, name) ?? 0) !== 0,
  );
  return transposes ? null : matMul(node, operands);
};

const integerMatMul: ShapeRule = (node, operands) => {
  const result = matMul(node, operands);
  return result && !Array.isArray(result) ? { ...result, elem: "int32" } : null;
};

const gemm: ShapeRule = (node, [left, right]) => {
  if (left?.dims?.length !== 2 || right?.dims?.length !== 2) return null;
  const rows = left.dims[integerAttribute(node, "transA") ? 1 : 0] ?? null;
  const columns = right.dims[integerAttribute(node, "transB") ? 0 : 1] ?? null;
  return { dims: [rows, columns], elem: left.elem };
};

interface Spatial {
  kernel: KnownDim[];
  strides: number[];
  dilations: number[];
  pads: number[];
  autoPad: string;
}

function spatialOf(node: NodeFacts, kernel: KnownDim[]): Spatial {
  const list = (name: string, fallback: number): number[] =>
    integersAttribute(node, name)?.map(Number) ?? kernel.map(() => fallback);
  return {
    kernel,
    strides: list("strides", 1),
    dilations: list("dilations", 1),
    pads: integersAttribute(node, "pads")?.map(Number) ?? [],
    autoPad: stringAttribute(node, "auto_pad") ?? "NOTSET",
  };
}

function pooledDim(input: KnownDim, axis: number, spatial: Spatial): KnownDim {
  const { kernel, strides, dilations, pads, autoPad } = spatial;
  const [size = null, stride = 1, dilation = 1] = [kernel[axis], strides[axis], dilations[axis]];
  if (autoPad.startsWith("SAME")) return input === null ? null : Math.ceil(input / stride);
  const padding = (pads[axis] ?? 0) + (pads[axis + kernel.length] ?? 0);
  if (size === null || input === null) return null;
  return Math.max(0, Math.floor((input + padding - dilation * (size - 1) - 1) / stride) + 1);
}

/** Dims and least count of [batch, channels, ...pooled]; a free dimension counts as 1 before its padding. */
function pooled(data: KnownValue, head: KnownDim[], spatial: Spatial): RuleResult {
  const inner = data.dims?.slice(2) ?? [];
  const dims = [...head, ...inner.map((dim, axis) => pooledDim(dim, axis, spatial))];
  const least = inner.map((dim, axis) => pooledDim(dim ?? 1, axis, spatial));
  return { dims, elem: data.elem, leastCount: leastCountOf([...head, ...least]) };
}

const conv: ShapeRule = (node, [data, weights]) => {
  if (!data?.dims || !weights?.dims || data.dims.length < 3) return null;
  const spatial = spatialOf(node, weights.dims.slice(2));
  return pooled(data, [data.dims[0] ?? null, weights.dims[0] ?? null], spatial);
};

const pool: ShapeRule = (node, [data]) => {
  const kernel = integersAttribute(node, "kernel_shape")?.map(Number);
  if (!data?.dims || !kernel || data.dims.length < 3) return null;
  const result = pooled(data, data.dims.slice(0, 2), spatialOf(node, kernel));
  // Rounding up (ceil_mode) may add one: only the bound is certain then.
  return integerAttribute(node, "ceil_mode") ? { ...result, dims: null } : result;
};

const convTranspose: ShapeRule = (node, [data, weights]) => {
  if (!data?.dims || !weights?.dims || data.dims.length < 3) return null;
  const { kernel, strides, dilations, pads } = spatialOf(node, weights.dims.slice(2));
  const extra = integersAttribute(node, "output_padding")?.map(Number) ?? [];
  const given = integersAttribute(node, "output_shape")?.map(Number);
  const dims = data.dims.slice(2).map((dim, axis) => {
    const size = kernel[axis] ?? null;
    if (given) return given.at(axis - kernel.length) ?? null;
    if (dim === null || size === null) return null;
    const padding = (pads[axis] ?? 0) + (pads[axis + kernel.length] ?? 0);
    return (strides[axis] ?? 1) * (dim - 1) + (extra[axis] ?? 0) + (size - 1) * (dilations[axis] ?? 1) + 1 - padding;
  });
  const perGroup = weights.dims[1] ?? null;
  const channels = perGroup === null ? null : perGroup * (integerAttribute(node, "group") ?? 1);
  return { dims: [data.dims[0] ?? null, channels, ...dims], elem: data.elem };
};

const globalPool: ShapeRule = (_, [data]) =>
  data?.dims ? { dims: data.dims.map((dim, axis) => (axis < 2 ? dim : 1)), elem: data.elem } : null;

const rows = (dims: KnownDim[] | null | undefined): KnownDim => (dims && dims.length > 1 ? (dims[0] ?? null) : 1);

const regressor =
  (attribute: string): ShapeRule =>
  (node, [data]) => ({
    dims: [data?.dims ? rows(data.dims) : null, integerAttribute(node, attribute) ?? 1],
    elem: "float32",
  });

const classifier: ShapeRule = (node, [data]) => {
  const batch = data?.dims ? rows(data.dims) : null;
  return [{ dims: [batch] }, { dims: [batch, declaredLabels(node)?.length ?? null], elem: "float32" }];
};

const oneHotEncoder: ShapeRule = (node, [data]) => {
  const categories =
    integersAttribute(node, "cats_int64s")?.length || stringsAttribute(node, "cats_strings")?.length || null;
  return data?.dims ? { dims: [...data.dims, categories], elem: "float32" } : null;
};

const featureVectorizer: ShapeRule = (node, [data]) => {
  const widths = integersAttribute(node, "inputdimensions") ?? [];
  return {
    dims: [data?.dims ? rows(data.dims) : null, widths.reduce((sum, width) => sum + Number(width), 0)],
    elem: "float32",
  };
};

const tfIdf: ShapeRule = (node, [data]) => {
  const indexes = integersAttribute(node, "ngram_indexes") ?? [];
  const width = indexes.reduce((max, index) => Math.max(max, Number(index) + 1), 0);
  return { dims: [...(data?.dims?.slice(0, -1) ?? [null]), width], elem: "float32" };
};

const arrayFeatureExtractor: ShapeRule = (_, [data, indices]) => {
  if (!data?.dims || !indices?.dims) return null;
  const leading = data.dims.length === 1 ? [1] : data.dims.slice(0, -1);
  return { dims: [...leading, knownCount(indices.dims)], elem: data.elem };
};

/** Operators of neural networks and of ai.onnx.ml. */
export const NETWORK_RULES: ReadonlyMap<string, ShapeRule> = new Map([
  ["ArrayFeatureExtractor", arrayFeatureExtractor],
  ["AveragePool", pool],
  ["Conv", conv],
  ["ConvTranspose", convTranspose],
  ["FeatureVectorizer", featureVectorizer],
  ["FusedConv", conv],
  ["FusedMatMul", fusedMatMul],
  ["Gemm", gemm],
  ["GlobalAveragePool", globalPool],
  ["GlobalMaxPool", globalPool],
  ["LinearClassifier", classifier],
  ["LinearRegressor", regressor("targets")],
  ["LpPool", pool],
  ["MatMul", matMul],
  ["MatMulInteger", integerMatMul],
  ["MaxPool", pool],
  ["OneHotEncoder", oneHotEncoder],
  ["SVMClassifier", classifier],
  ["TfIdfVectorizer", tfIdf],
  ["TransposeMatMul", fusedMatMul],
  ["TreeEnsemble", regressor("n_targets")],
  ["TreeEnsembleClassifier", classifier],
  ["TreeEnsembleRegressor", regressor("n_targets")],
]);
