import { checkFunctions } from "./check-functions.ts";
import { checkInputs } from "./check-inputs.ts";
import { type CheckLimits, DEFAULT_LIMITS } from "./check-limits.ts";
import { checkNames } from "./check-names.ts";
import { checkOperators } from "./check-operators.ts";
import { checkSizes } from "./check-sizes.ts";
import { checkVersions } from "./check-versions.ts";
import type { Finding } from "./finding.ts";
import type { ModelFacts } from "./model-facts.ts";

/**
 * What can be told about a model without running it. Findings of level `error` are reasons to refuse it, each naming the
 * culprit and the remedy; a model without one may still fail to load, or take too much with real data: that the trial
 * shows. A network of known shapes and a Loop's rounds are followed; a Loop that is not bounded by the file is refused.
 */
export function checkModel(facts: ModelFacts, limits: CheckLimits = DEFAULT_LIMITS): Finding[] {
  const structure = [...checkNames(facts), ...checkFunctions(facts, limits)];
  const findings = [...checkVersions(facts), ...checkOperators(facts), ...checkInputs(facts, limits), ...structure];
  // What has two meanings or no end cannot be followed.
  return structure.length > 0 ? findings : [...findings, ...checkSizes(facts, limits)];
}
