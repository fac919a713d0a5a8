import {
  floatAttribute,
  floatsAttribute,
  integerAttribute,
  integersAttribute,
  stringAttribute,
  tensorAttribute,
} from "./attribute-values.ts";
import { axisOf, broadcast, type KnownDim, type KnownValue, knownCount, leastCountOf } from "./known-value.ts";
import { operandOrAttribute, scalarOf, type ShapeRule } from "./shape-rule.ts";
import { elementTypeName } from "./tensor-type.ts";

/** Operators whose output may be any size, and which operands (by position) decide that size. */
export const SIZE_OPERANDS: ReadonlyMap<string, readonly number[]> = new Map([
  ["AffineGrid", [1]],
  ["BlackmanWindow", [0]],
  ["CenterCropPad", [1]],
  ["Col2Im", [1]],
  ["ConstantOfShape", [0]],
  ["CropAndResize", [3]],
  ["DFT", [1]],
  ["Expand", [1]],
  ["HammingWindow", [0]],
  ["HannWindow", [0]],
  ["MaxUnpool", [2]],
  ["MelWeightMatrix", [0, 1]],
  ["OneHot", [1]],
  ["Pad", [1]],
  ["Range", [0, 1, 2]],
  ["Resize", [1, 2, 3]],
  ["Tile", [1, 2]],
  ["Upsample", [1]],
]);

const constantOfShape: ShapeRule = (node, [shape]) => {
  const elem = tensorAttribute(node, "value")?.elem ?? "float32";
  return shape ? { dims: shape.numbers, elem } : null;
};

const expand: ShapeRule = (_, [data, shape]) => ({
  dims: broadcast(data?.dims ?? null, shape?.numbers ?? null),
  elem: data?.elem ?? null,
});

const tile: ShapeRule = (node, [data, repeats, axis]) => {
  if (!data?.dims) return null;
  const dims = [...data.dims];
  // Opset 1 repeated one axis: Tile(data, tiles, axis).
  const times = axis
    ? dims.map((_, at) => (at === scalarOf(axis) ? scalarOf(repeats) : 1))
    : operandOrAttribute(node, repeats, "repeats");
  if (!times) return null;
  return {
    dims: dims.map((dim, at) => scaledDim(dim, times[at] ?? null)),
    elem: data.elem,
    leastCount: data.leastCount * leastCountOf(times),
  };
};

function scaledDim(dim: KnownDim, times: KnownDim): KnownDim {
  return times === 1 ? dim : dim === null || times === null ? null : Math.floor(dim * times);
}

const range: ShapeRule = (_, [start, limit, delta]) => {
  const [from, to, step] = [scalarOf(start), scalarOf(limit), delta ? scalarOf(delta) : 1];
  const known = from !== null && to !== null && step !== null;
  return { dims: [known ? Math.max(0, Math.ceil((to - from) / step)) : null], elem: start?.elem ?? null };
};

const pad: ShapeRule = (node, [data, padsOperand, , axesOperand]) => {
  const pads = operandOrAttribute(node, padsOperand, "pads") ?? integersAttribute(node, "paddings")?.map(Number);
  if (!data?.dims || !pads) return null;
  const dims = [...data.dims];
  let leastCount = 1;
  const axes = axesOperand ? (axesOperand.numbers ?? []) : dims.map((_, index) => index);
  axes.forEach((axis, index) => {
    const at = axis === null ? null : axisOf(axis, dims.length);
    const [before, after] = [pads[index] ?? null, pads[index + axes.length] ?? null];
    const dim = at === null ? null : (dims[at] ?? null);
    if (at !== null)
      dims[at] = dim === null || before === null || after === null ? null : Math.max(0, dim + before + after);
    leastCount *= Math.max(0, (dim ?? 1) + (before ?? 0) + (after ?? 0));
  });
  return { dims: axesOperand && !axesOperand.numbers ? null : dims, elem: data.elem, leastCount };
};

const resize: ShapeRule = (node, operands) => {
  const [data, second, scalesOperand, sizesOperand] = operands;
  if (!data?.dims) return null;
  // Opset 10 and Upsample: (data, scales); later: (data, roi, scales, sizes).
  const scales = (operands.length === 2 ? second?.numbers : scalesOperand?.numbers) ?? floatsAttribute(node, "scales");
  const axes = integersAttribute(node, "axes")?.map(Number) ?? data.dims.map((_, index) => index);
  const sizes = sizesOperand?.numbers;
  if (!sizes?.length && !scales?.length) return null;
  const dims = [...data.dims];
  axes.forEach((axis, index) => {
    const at = axisOf(axis, dims.length);
    if (at !== null)
      dims[at] = sizes?.length ? (sizes[index] ?? null) : scaledDim(dims[at] ?? null, scales?.[index] ?? null);
  });
  const leastCount = sizes?.length ? leastCountOf(dims) : data.leastCount * leastCountOf(scales ?? []);
  return { dims, elem: data.elem, leastCount };
};

const upsampleOfOpset1: ShapeRule = (node, operands) => {
  const [data] = operands;
  const [height, width] = [floatAttribute(node, "height_scale"), floatAttribute(node, "width_scale")];
  if (height === null || width === null || data?.dims?.length !== 4) return resize(node, operands);
  const [batch = null, channels = null, rows = null, columns = null] = data.dims;
  const dims = [batch, channels, scaledDim(rows, height), scaledDim(columns, width)];
  return { dims, elem: data.elem, leastCount: data.leastCount * height * width };
};

const oneHot: ShapeRule = (node, [indices, depth, values]) => {
  if (!indices?.dims) return null;
  const rank = indices.dims.length + 1;
  const axis = axisOf(integerAttribute(node, "axis") ?? -1, rank);
  return axis === null ? null : { dims: indices.dims.toSpliced(axis, 0, scalarOf(depth)), elem: values?.elem ?? null };
};

const filledByAttribute: ShapeRule = (node) => ({
  dims: integersAttribute(node, "shape")?.map(Number) ?? null,
  elem: elementTypeName(integerAttribute(node, "dtype") ?? 1),
});

const multinomial: ShapeRule = (node, [data]) => ({
  dims: [data?.dims?.[0] ?? null, integerAttribute(node, "sample_size") ?? 1],
  elem: elementTypeName(integerAttribute(node, "dtype") ?? 6),
});

const windowOf: ShapeRule = (node, [size]) => ({
  dims: [scalarOf(size)],
  elem: elementTypeName(integerAttribute(node, "output_datatype") ?? 1),
});

const melWeightMatrix: ShapeRule = (_, [bins, length]) => {
  const points = scalarOf(length);
  return { dims: [points === null ? null : Math.floor(points / 2) + 1, scalarOf(bins)], elem: "float32" };
};

const dft: ShapeRule = (node, [data, length, axisOperand]) => {
  if (!data?.dims) return null;
  const axis = axisOf(
    axisOperand ? (scalarOf(axisOperand) ?? 1) : (integerAttribute(node, "axis") ?? 1),
    data.dims.length,
  );
  const points = length ? scalarOf(length) : null;
  const dims = data.dims.with(-1, 2);
  return { dims: axis === null || !length ? dims : dims.with(axis, points), elem: data.elem };
};

const centerCropPad: ShapeRule = (node, [data, shape]) => {
  if (!data?.dims || !shape?.numbers) return null;
  const axes = integersAttribute(node, "axes")?.map(Number) ?? data.dims.map((_, index) => index);
  const dims = [...data.dims];
  axes.forEach((axis, index) => {
    const at = axisOf(axis, dims.length);
    if (at !== null) dims[at] = shape.numbers?.[index] ?? null;
  });
  return { dims, elem: data.elem };
};

const affineGrid: ShapeRule = (_, [theta, size]) => {
  const dims = size?.numbers;
  return dims && dims.length >= 4
    ? { dims: [dims[0] ?? null, ...dims.slice(2), dims.length - 2], elem: theta?.elem ?? null }
    : null;
};

const cropAndResize: ShapeRule = (_, [data, rois, , size]) => ({
  dims: size?.numbers ? [rois?.dims?.[0] ?? null, data?.dims?.[1] ?? null, ...size.numbers] : null,
  elem: data?.elem ?? null,
});

const roiAlign: ShapeRule = (node, [data, rois]) => ({
  dims: [
    rois?.dims?.[0] ?? null,
    data?.dims?.[1] ?? null,
    integerAttribute(node, "output_height") ?? 1,
    integerAttribute(node, "output_width") ?? 1,
  ],
  elem: data?.elem ?? null,
});

const maxRoiPool: ShapeRule = (node, [data, rois]) => ({
  dims: [
    rois?.dims?.[0] ?? null,
    data?.dims?.[1] ?? null,
    ...(integersAttribute(node, "pooled_shape")?.map(Number) ?? []),
  ],
  elem: data?.elem ?? null,
});

const shapeOperand =
  (position: number): ShapeRule =>
  (_, operands) => ({ dims: operands[position]?.numbers ?? null, elem: operands[0]?.elem ?? null });

const col2im: ShapeRule = (_, [data, image, block]) => {
  const [channels = null, perBlock] = [data?.dims?.[1], knownCount(block?.numbers ?? null)];
  const depth = channels === null || !perBlock ? null : channels / perBlock;
  return { dims: image?.numbers ? [data?.dims?.[0] ?? null, depth, ...image.numbers] : null, elem: data?.elem ?? null };
};

const einsum: ShapeRule = (node, operands) => {
  const [inputs = "", output] = (stringAttribute(node, "equation") ?? "").replaceAll(" ", "").split("->");
  if (output === undefined || inputs.includes(".")) return null;
  const sizes = new Map<string, KnownDim>();
  inputs.split(",").forEach((labels, index) => {
    const dims: KnownValue["dims"] = operands[index]?.dims ?? null;
    labels.split("").forEach((label, axis) => sizes.set(label, dims?.[axis] ?? sizes.get(label) ?? null));
  });
  return { dims: output.split("").map((label) => sizes.get(label) ?? null), elem: operands[0]?.elem ?? null };
};

/** Operators whose output may be far larger than what goes in. */
export const GROWTH_RULES: ReadonlyMap<string, ShapeRule> = new Map([
  ["AffineGrid", affineGrid],
  ["BlackmanWindow", windowOf],
  ["CenterCropPad", centerCropPad],
  ["Col2Im", col2im],
  ["ConstantOfShape", constantOfShape],
  ["CropAndResize", cropAndResize],
  ["DFT", dft],
  ["Einsum", einsum],
  ["Expand", expand],
  ["HammingWindow", windowOf],
  ["HannWindow", windowOf],
  ["MaxRoiPool", maxRoiPool],
  ["MaxUnpool", shapeOperand(2)],
  ["MelWeightMatrix", melWeightMatrix],
  ["Multinomial", multinomial],
  ["OneHot", oneHot],
  ["Pad", pad],
  ["RandomNormal", filledByAttribute],
  ["RandomUniform", filledByAttribute],
  ["Range", range],
  ["Resize", resize],
  ["RoiAlign", roiAlign],
  ["Tile", tile],
  ["Upsample", upsampleOfOpset1],
]);
