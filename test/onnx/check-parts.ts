import { checkModel } from "../../src/onnx/check-model.ts";
import type { CheckLimits } from "../../src/onnx/check-limits.ts";
import type { Finding } from "../../src/onnx/finding.ts";
import { readModel } from "../../src/onnx/read-model.ts";
import { model, type ModelParts, node } from "./build-model.ts";

/** The findings about a model of these parts. */
export function check(parts: ModelParts, limits?: CheckLimits): Finding[] {
  return checkModel(readModel(model(parts)), limits);
}

/** A node that makes the output "y" of the input "x". */
export const relu = node("Relu", ["x"], ["y"]);

export const codes = (findings: Finding[]): string[] => findings.map((finding) => `${finding.level} ${finding.code}`);
