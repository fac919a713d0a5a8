import { functionKey } from "./check-functions.ts";
import { listed, nodeText } from "./describe.ts";
import { everyNode } from "./every-node.ts";
import type { Finding } from "./finding.ts";
import type { ModelFacts, NodeFacts } from "./model-facts.ts";
import { GENERATORS, NONDETERMINISTIC } from "./operator-groups.ts";
import { ENGINE_VERSION, OPERATORS, UNIMPLEMENTED_OPERATORS } from "./operators.generated.ts";

const NAMED_MAX = 5;
const TRAINING_DOMAINS = new Set(["ai.onnx.training", "ai.onnx.preview.training"]);
const OPTIMIZER_DOMAINS = new Set(["com.microsoft.nchwc", "com.ms.internal.nhwc"]);

type Problem = "training" | "optimized" | "custom" | "unimplemented" | "unknown" | "generator";

const SENTENCES: Record<Problem, { code: string; write: (names: string) => string }> = {
  training: {
    code: "training_operator",
    write: (names) =>
      `The model contains training operators (${names}), which only run while a model is trained. Export it for inference: in PyTorch call model.eval() first, elsewhere drop the optimizer.`,
  },
  optimized: {
    code: "optimized_for_one_machine",
    write: (names) =>
      `The model was saved by ONNX Runtime after it was optimized for one kind of machine (${names}). Upload the model from before that optimization, or save it with the optimization level "extended" at most.`,
  },
  custom: {
    code: "custom_operator",
    write: (names) =>
      `The model uses custom operators that the engine does not have: ${names}. Export it again without custom operators (without onnxruntime-extensions, or with the step they stand for done before the call).`,
  },
  unimplemented: {
    code: "operator_not_implemented",
    write: (names) =>
      `The engine (onnxruntime-web ${ENGINE_VERSION}) knows these operators by name only, and cannot run them: ${names}. Export the model with other operators, or do that step before the call.`,
  },
  unknown: {
    code: "unknown_operator",
    write: (names) =>
      `The engine (onnxruntime-web ${ENGINE_VERSION}) does not have these operators: ${names}. Export the model with standard ONNX operators, if need be with another opset version.`,
  },
  generator: {
    code: "text_generation",
    write: (names) =>
      `The model generates text word by word (${names}), in a loop that a call can make as long as it likes. Such models are not served here; upload one that answers in one pass.`,
  },
};

/** Operators of the model, its subgraphs and functions: those that cannot run (errors), those that answer by chance (a warning). */
export function checkOperators(facts: ModelFacts): Finding[] {
  const functions = new Set(facts.functions.map((body) => functionKey(body.domain, body.name, body.overload)));
  const nodes = [...everyNode(facts.nodes), ...facts.functions.flatMap((body) => everyNode(body.nodes))];
  const problems = new Map<Problem, Map<string, NodeFacts>>();
  const random = new Map<string, NodeFacts>();
  for (const node of nodes) {
    if (functions.has(functionKey(node.domain, node.opType, node.overload))) continue;
    const problem = problemOf(node);
    const operator = operatorName(node);
    if (problem) {
      const named = problems.get(problem) ?? new Map<string, NodeFacts>();
      if (!named.has(operator)) named.set(operator, node);
      problems.set(problem, named);
    } else if (NONDETERMINISTIC.has(node.opType) && !random.has(operator)) random.set(operator, node);
  }
  const findings: Finding[] = [...problems].map(([problem, named]) => {
    const { code, write } = SENTENCES[problem];
    return { level: "error", code, message: write(namesOf(named)) };
  });
  if (random.size > 0) {
    findings.push({
      level: "warning",
      code: "answers_by_chance",
      message: `The model draws random numbers (${namesOf(random)}): the same row gets another answer each time, so versions cannot be compared exactly. Export it without sampling if that is not meant.`,
    });
  }
  return findings;
}

function problemOf(node: NodeFacts): Problem | null {
  if (TRAINING_DOMAINS.has(node.domain)) return "training";
  if (OPTIMIZER_DOMAINS.has(node.domain)) return "optimized";
  const known = OPERATORS[node.domain];
  if (!known) return "custom";
  if (node.domain === "com.microsoft" && GENERATORS.has(node.opType)) return "generator";
  if (known.includes(node.opType)) return null;
  return UNIMPLEMENTED_OPERATORS[node.domain]?.includes(node.opType) ? "unimplemented" : "unknown";
}

function operatorName(node: NodeFacts): string {
  return node.domain === "ai.onnx" ? node.opType : `${node.domain}.${node.opType}`;
}

function namesOf(named: Map<string, NodeFacts>): string {
  const texts = [...named].map(([operator, node]) =>
    node.name === "" ? operator.slice(0, 80) : nodeText(node).replace(/^the node /, ""),
  );
  return listed(texts, NAMED_MAX);
}
