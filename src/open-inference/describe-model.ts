import { askedFeatures, describeOutputs, type OutputJson } from "../inference/spec/describe-deployment.ts";
import type { ServingSpec } from "../inference/spec/serving-spec.ts";
import { datatypeOf } from "./datatype.ts";

/** A tensor as metadata describe it; -1 in a shape: any number, in the first place the number of rows. */
export interface TensorMetadata {
  name: string;
  datatype: "BOOL" | "FP64" | "BYTES";
  shape: number[];
  parameters?: { class_names: string[] };
}

/** The tensors that a call sends: one for each feature that is asked for, under its name and in its order. */
export function inputMetadata(spec: ServingSpec): TensorMetadata[] {
  return askedFeatures(spec).map((feature) => ({ name: feature.name, datatype: datatypeOf(feature), shape: [-1] }));
}

/** The tensors that an answer carries. Of further outputs neither width nor type is known beforehand: most are numbers. */
export function outputMetadata(spec: ServingSpec): TensorMetadata[] {
  return describeOutputs(spec).map((output) => {
    const { name, type, classes } = output;
    const shape = shapeOf(output);
    const datatype = type === "label" ? "BYTES" : "FP64";
    return { name, datatype, shape, ...(classes && { parameters: { class_names: classes } }) };
  });
}

function shapeOf({ type, classes }: OutputJson): number[] {
  if (type === "probabilities") return [-1, classes?.length ?? -1];
  return type === "extra" ? [-1, -1] : [-1];
}
