import { integerAttribute, integersAttribute, tensorAttribute } from "./attribute-values.ts";
import { axisOf, broadcast, constantValue, type KnownDim, knownCount, NUMBERS_MAX } from "./known-value.ts";
import { operandOrAttribute, type RuleResult, type ShapeRule } from "./shape-rule.ts";
import { elementTypeName } from "./tensor-type.ts";

const same: ShapeRule = (_, [first]) => (first ? { dims: first.dims, elem: first.elem } : null);

const identity: ShapeRule = (_, [first]) => (first ? { ...first } : null);

const cast: ShapeRule = (node, [first]) => {
  const elem = elementTypeName(integerAttribute(node, "to") ?? 0);
  return first ? { dims: first.dims, elem, numbers: first.numbers } : null;
};

const combined: ShapeRule = (_, operands) => {
  const dims = operands.reduce<KnownDim[] | null>((sum, operand) => broadcast(sum, operand?.dims ?? null), []);
  return { dims, elem: operands[0]?.elem ?? null };
};

const compared: ShapeRule = (node, operands) => ({ dims: shapeOf(combined(node, operands)), elem: "bool" });

function shapeOf(result: RuleResult | RuleResult[] | null): KnownDim[] | null {
  return result === null || Array.isArray(result) ? null : result.dims;
}

const arithmetic = (compute: (a: number, b: number, isFloat: boolean) => number): ShapeRule => {
  return (node, operands) => {
    const [left, right] = operands;
    const isFloat = left?.elem?.startsWith("float") ?? false;
    const dims = shapeOf(combined(node, operands));
    return {
      dims,
      elem: left?.elem ?? null,
      numbers: computed(left?.numbers, right?.numbers, (a, b) => compute(a, b, isFloat)),
    };
  };
};

function computed(
  left: KnownDim[] | null | undefined,
  right: KnownDim[] | null | undefined,
  compute: (a: number, b: number) => number,
): KnownDim[] | null {
  if (!left || !right) return null;
  if (left.length !== right.length && left.length !== 1 && right.length !== 1) return null;
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const a = left[left.length === 1 ? 0 : index] ?? null;
    const b = right[right.length === 1 ? 0 : index] ?? null;
    return a === null || b === null ? null : compute(a, b);
  });
}

const constant: ShapeRule = (node) => {
  const tensor = tensorAttribute(node, "value") ?? tensorAttribute(node, "sparse_value");
  if (tensor) return constantValue(tensor);
  const integer = integerAttribute(node, "value_int");
  if (integer !== null) return { dims: [], elem: "int64", numbers: [integer] };
  const integers = integersAttribute(node, "value_ints")?.map(Number);
  return integers?.length
    ? { dims: [integers.length], elem: "int64", numbers: integers.length > NUMBERS_MAX ? null : integers }
    : null;
};

const shape: ShapeRule = (node, [first]) => {
  if (!first?.dims) return { dims: [null], elem: "int64" };
  const numbers = first.dims.slice(integerAttribute(node, "start") ?? 0, integerAttribute(node, "end") ?? undefined);
  return { dims: [numbers.length], elem: "int64", numbers };
};

const size: ShapeRule = (_, [first]) => ({ dims: [], elem: "int64", numbers: [knownCount(first?.dims ?? null)] });

const concat: ShapeRule = (node, operands) => {
  const [first] = operands;
  const axis = axisOf(integerAttribute(node, "axis") ?? 1, first?.dims?.length ?? 0);
  if (!first?.dims || axis === null) return null;
  const along = operands.map((operand) => operand?.dims?.[axis] ?? null);
  const total = along.reduce((sum, dim) => (sum === null || dim === null ? null : sum + dim), 0);
  const numbers = operands.every((operand) => operand?.numbers)
    ? operands.flatMap((operand) => operand?.numbers ?? [])
    : null;
  return {
    dims: first.dims.with(axis, total),
    elem: first.elem,
    leastCount: operands.reduce((sum, operand) => sum + (operand?.leastCount ?? 0), 0),
    numbers: numbers && numbers.length <= NUMBERS_MAX ? numbers : null,
  };
};

const gather: ShapeRule = (node, [data, indices]) => {
  const axis = axisOf(integerAttribute(node, "axis") ?? 0, data?.dims?.length ?? 0);
  if (!data?.dims || !indices?.dims || axis === null) return null;
  const dims = [...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)];
  const source = data.numbers;
  const numbers =
    source && indices.numbers ? indices.numbers.map((at) => (at === null ? null : (source.at(at) ?? null))) : null;
  return { dims, elem: data.elem, numbers: data.dims.length === 1 ? numbers : null };
};

const squeeze: ShapeRule = (node, [data, axesOperand]) => {
  if (!data?.dims) return null;
  const axes = operandOrAttribute(node, axesOperand, "axes")?.map((axis) => axisOf(axis ?? 0, data.dims?.length ?? 0));
  const dims = data.dims.filter((dim, index) => (axes ? !axes.includes(index) : dim !== 1));
  return { dims, elem: data.elem, numbers: data.numbers };
};

const unsqueeze: ShapeRule = (node, [data, axesOperand]) => {
  const axes = operandOrAttribute(node, axesOperand, "axes");
  if (!data?.dims || !axes || axes.length > NUMBERS_MAX) return null;
  const rank = data.dims.length + axes.length;
  const added = axes.map((axis) => axisOf(axis ?? 0, rank));
  const rest = [...data.dims];
  const dims = Array.from({ length: rank }, (_, index) => (added.includes(index) ? 1 : (rest.shift() ?? null)));
  return { dims, elem: data.elem, numbers: data.numbers };
};

const reshape: ShapeRule = (node, [data, target]) => {
  const wanted = operandOrAttribute(node, target, "shape");
  if (!data || !wanted) return null;
  const copies = integerAttribute(node, "allowzero") !== 1;
  const dims = wanted.map((dim, index) => (dim === 0 && copies ? (data.dims?.[index] ?? null) : dim));
  const count = knownCount(data.dims);
  const others = knownCount(dims.filter((dim) => dim !== -1));
  const rest = count !== null && others ? count / others : null;
  return { dims: dims.map((dim) => (dim === -1 ? rest : dim)), elem: data.elem, numbers: data.numbers };
};

const transpose: ShapeRule = (node, [data]) => {
  if (!data?.dims) return null;
  const perm = integersAttribute(node, "perm")?.map(Number) ?? data.dims.map((_, index) => index).toReversed();
  return { dims: perm.map((axis) => data.dims?.[axis] ?? null), elem: data.elem };
};

const flatten: ShapeRule = (node, [data]) => {
  if (!data?.dims) return null;
  const axis = integerAttribute(node, "axis") ?? 1;
  const split = axis < 0 ? axis + data.dims.length : axis;
  return { dims: [knownCount(data.dims.slice(0, split)), knownCount(data.dims.slice(split))], elem: data.elem };
};

const slice: ShapeRule = (node, [data, startsOperand, endsOperand, axesOperand, stepsOperand]) => {
  const starts = operandOrAttribute(node, startsOperand, "starts");
  const ends = operandOrAttribute(node, endsOperand, "ends");
  if (!data?.dims || !starts || !ends) return null;
  const axes = operandOrAttribute(node, axesOperand, "axes") ?? starts.map((_, index) => index);
  const dims = [...data.dims];
  let numbers = data.numbers;
  axes.forEach((axis, index) => {
    const at = axisOf(axis ?? 0, dims.length);
    const length = at === null ? null : (dims[at] ?? null);
    const [start, end, step] = [
      starts[index] ?? null,
      ends[index] ?? null,
      stepsOperand ? (stepsOperand.numbers?.[index] ?? null) : 1,
    ];
    if (at === null) return;
    const usable = length !== null && start !== null && end !== null && step === 1;
    const from = usable ? clampIndex(start, length) : 0;
    const to = usable ? clampIndex(end, length) : 0;
    dims[at] = usable ? Math.max(0, to - from) : null;
    numbers = usable && dims.length === 1 ? (numbers?.slice(from, to) ?? null) : null;
  });
  return { dims, elem: data.elem, numbers };
};

const clampIndex = (index: number, length: number): number =>
  Math.min(length, Math.max(0, index < 0 ? index + length : index));

const reduce: ShapeRule = (node, [data, axesOperand]) => {
  if (!data?.dims) return null;
  const axes =
    operandOrAttribute(node, axesOperand, "axes")?.map((axis) => axisOf(axis ?? 0, data.dims?.length ?? 0)) ?? null;
  if (axesOperand && axes === null) return null;
  const isReduced = (index: number): boolean => axes === null || axes.length === 0 || axes.includes(index);
  const keeps = integerAttribute(node, "keepdims") !== 0;
  const dims = keeps
    ? data.dims.map((dim, index) => (isReduced(index) ? 1 : dim))
    : data.dims.filter((_, index) => !isReduced(index));
  return { dims, elem: data.elem };
};

const split: ShapeRule = (node, [data, splitOperand]) => {
  const axis = axisOf(integerAttribute(node, "axis") ?? 0, data?.dims?.length ?? 0);
  if (!data?.dims || axis === null) return null;
  const parts = operandOrAttribute(node, splitOperand, "split");
  const length = data.dims[axis] ?? null;
  const equal = length === null ? null : Math.ceil(length / Math.max(1, node.outputs.length));
  return node.outputs.map((_, index) => ({
    dims: data.dims?.with(axis, parts ? (parts[index] ?? null) : equal) ?? null,
    elem: data.elem,
  }));
};

const where: ShapeRule = (_, [condition, left, right]) => ({
  dims: broadcast(condition?.dims ?? null, broadcast(left?.dims ?? null, right?.dims ?? null)),
  elem: left?.elem ?? null,
});

const quantized =
  (elem: string): ShapeRule =>
  (_, [first]) =>
    first ? { dims: first.dims, elem } : null;

const rulesFor = (names: string, rule: ShapeRule): [string, ShapeRule][] =>
  names.split(" ").map((name) => [name, rule]);

/** Rules whose output may have fewer elements than what goes in. */
export const SHRINKING: ReadonlySet<string> = new Set(
  "Constant Gather ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Shape Size Slice Split".split(
    " ",
  ),
);

/** Operators that compute element by element or move elements around. */
export const LAYOUT_RULES: ReadonlyMap<string, ShapeRule> = new Map([
  ...rulesFor(
    "Abs Acos Acosh Asin Asinh Atan Atanh BatchNormalization Bernoulli Binarizer BitwiseNot Ceil Celu Clip Cos Cosh CumProd CumSum Dropout Elu Erf Exp EyeLike FastGelu Floor GatherElements Gelu GroupNormalization HardSigmoid HardSwish Hardmax Imputer InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Neg Normalizer PRelu QuickGelu RMSNormalization RandomNormalLike RandomUniformLike Reciprocal Relu ReverseSequence Round Scaler Scatter ScatterElements ScatterND Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh TensorScatter ThresholdedRelu Trilu",
    same,
  ),
  ...rulesFor("Identity SequenceIdentity", identity),
  ...rulesFor("BitShift BitwiseAnd BitwiseOr BitwiseXor Max Mean Min Mod Pow StringConcat Sum", combined),
  ...rulesFor("And Equal Greater GreaterOrEqual Less LessOrEqual Or Xor", compared),
  ...rulesFor("IsInf IsNaN Not", quantized("bool")),
  ...rulesFor(
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare",
    reduce,
  ),
  ["Add", arithmetic((a, b) => a + b)],
  ["Sub", arithmetic((a, b) => a - b)],
  ["Mul", arithmetic((a, b) => a * b)],
  ["Div", arithmetic((a, b, isFloat) => (isFloat ? a / b : Math.trunc(a / b)))],
  ["Cast", cast],
  ["Concat", concat],
  ["Constant", constant],
  ["DequantizeLinear", quantized("float32")],
  ["Flatten", flatten],
  ["Gather", gather],
  ["QuantizeLinear", quantized("uint8")],
  ["Reshape", reshape],
  ["Shape", shape],
  ["Size", size],
  ["Slice", slice],
  ["Split", split],
  ["Squeeze", squeeze],
  ["Transpose", transpose],
  ["Unsqueeze", unsqueeze],
  ["Where", where],
]);
