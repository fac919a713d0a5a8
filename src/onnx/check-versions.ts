import { quoted } from "./describe.ts";
import type { Finding } from "./finding.ts";
import type { ModelFacts } from "./model-facts.ts";
import { ENGINE_VERSION, IR_VERSION_MAX, OPSET_MAX } from "./operators.generated.ts";

/** Format and opset versions: none missing, none contradictory, none newer than the engine. */
export function checkVersions(facts: ModelFacts): Finding[] {
  const findings: Finding[] = [];
  const refuse = (code: string, message: string): number => findings.push({ level: "error", code, message });
  if (facts.irVersion > IR_VERSION_MAX) {
    refuse(
      "ir_too_new",
      `The file has ONNX IR version ${facts.irVersion}; the engine (onnxruntime-web ${ENGINE_VERSION}) reads up to ${IR_VERSION_MAX}. Export it with an older onnx package, or set model.ir_version = ${IR_VERSION_MAX} before saving.`,
    );
  }
  if (facts.opsets.length === 0) {
    refuse(
      "opset_missing",
      "The model does not say which opset (version of the operators) it uses, so it cannot be run. Export it again; every current exporter writes the opset.",
    );
  }
  const versions = new Map<string, number>();
  for (const { domain, version } of facts.opsets) {
    const before = versions.get(domain);
    if (before !== undefined && before !== version) {
      refuse(
        "opset_contradictory",
        `The model imports ${quoted(domain)} in two versions, ${before} and ${version}. Export it again, or convert it to one version (onnx.version_converter).`,
      );
    }
    versions.set(domain, version);
    const newest = OPSET_MAX[domain];
    if (newest !== undefined && version > newest) {
      refuse(
        "opset_too_new",
        `The model uses opset ${version} of ${domain}; the engine (onnxruntime-web ${ENGINE_VERSION}) has up to ${newest}. Export it with target_opset=${newest} or older.`,
      );
    }
  }
  const used = new Set(facts.nodes.map((node) => node.domain));
  for (const domain of facts.opsets.length === 0 ? [] : used) {
    const newest = OPSET_MAX[domain];
    if (newest === undefined || versions.has(domain)) continue;
    findings.push({
      level: "warning",
      code: "opset_not_imported",
      message: `The model uses operators of ${domain} without saying which opset; the engine takes its newest (${newest}), which may have changed what they do. Export it with an opset import for ${domain}.`,
    });
  }
  return findings;
}
