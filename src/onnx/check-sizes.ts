import type { CheckLimits } from "./check-limits.ts";
import { listed, nodeText, quoted } from "./describe.ts";
import type { Finding } from "./finding.ts";
import { constantValue, leastBytesOf } from "./known-value.ts";
import type { ModelFacts } from "./model-facts.ts";
import { collectTensors } from "./read-model.ts";
import { SizeWalk } from "./size-walk.ts";
import { holdsWhatItClaims } from "./tensor-values.ts";

const NAMED_MAX = 5;
const MIB = 1024 * 1024;

/** Constants that hold less than they claim or are spread out too far; tensors too large for memory; loops without end. */
export function checkSizes(facts: ModelFacts, limits: CheckLimits): Finding[] {
  const constants = checkConstants(facts, limits);
  if (constants.length > 0) return constants;
  const walk = new SizeWalk(facts, limits);
  const undecided = [...walk.undecided];
  if (undecided.length === 0) return walk.findings;
  return [
    ...walk.findings,
    {
      level: "info",
      code: "sizes_not_known",
      message: `How large some tensors become cannot be told from the file: it is computed by ${listed(undecided.map(nodeText), NAMED_MAX)}. The trial run shows it for the rows tried there.`,
    },
  ];
}

function checkConstants(facts: ModelFacts, limits: CheckLimits): Finding[] {
  const tensors = collectTensors(facts, facts.functions);
  const hollow = tensors.filter((tensor) => !holdsWhatItClaims(tensor));
  const findings: Finding[] = [];
  if (hollow.length > 0) {
    const texts = hollow.map((tensor) => `${quoted(tensor.name)} (${tensor.elem}[${tensor.dims.join(",")}])`);
    findings.push({
      level: "error",
      code: "tensor_data_wrong",
      message: `These constants do not hold as many values as their shape says: ${listed(texts, NAMED_MAX)}. The file is damaged or was edited by hand; export the model again.`,
    });
  }
  const vast = tensors.filter((tensor) => tensor.sparse && leastBytesOf(constantValue(tensor)) > limits.tensorBytesMax);
  if (vast.length > 0) {
    const names = listed(
      vast.map((tensor) => `${quoted(tensor.name)} [${tensor.dims.join(",")}]`),
      NAMED_MAX,
    );
    findings.push({
      level: "error",
      code: "tensor_too_large",
      message: `These sparse constants are spread out when the model loads, to more than ${Math.floor(limits.tensorBytesMax / MIB)} MiB each: ${names}. Export a smaller model.`,
    });
  }
  return findings;
}
