import { applyRule } from "./apply-rule.ts";
import { integerAttribute } from "./attribute-values.ts";
import type { CheckLimits } from "./check-limits.ts";
import { nodeText, quoted } from "./describe.ts";
import type { Finding } from "./finding.ts";
import { functionKey } from "./check-functions.ts";
import { inOrder } from "./graph-order.ts";
import { constantValue, inputValue, type KnownValue, leastBytesOf, leastCountOf, UNKNOWN } from "./known-value.ts";
import type { FunctionFacts, GraphFacts, ModelFacts, NodeFacts } from "./model-facts.ts";
import { Scope } from "./scope.ts";
import { SIZE_OPERANDS } from "./shape-rules-growth.ts";

// Nodes looked at in one check, loop rounds and calls of functions included.
const STEPS_MAX = 300_000;
const DEPTH_MAX = 64;
// More of a kind says nothing new.
const FINDINGS_MAX = 5;
// PyTorch writes "until the condition ends it" as the largest integer.
const ENDLESS_ROUNDS = 2 ** 31;
// Rounds of a loop that are followed one by one; what still grows then is drawn out in a straight line.
const ROUNDS_FOLLOWED_MAX = 256;
const MIB = 1024 * 1024;

/**
 * Follows a model from its constants and declared inputs, without running it: sizes of tensors, and rounds of loops.
 * What depends on data is taken as unknown, and is left to the trial run.
 */
export class SizeWalk {
  readonly findings: Finding[] = [];
  /** Nodes that make a tensor of any size, where the file does not tell which. */
  readonly undecided = new Set<NodeFacts>();
  readonly #limits: CheckLimits;
  readonly #functions: Map<string, FunctionFacts>;
  readonly #ordered = new Map<readonly NodeFacts[], NodeFacts[]>();
  readonly #reported = new Set<NodeFacts>();
  readonly #counted = new Set<NodeFacts>();
  #constantBytes = 0;
  #steps = 0;
  #depth = 0;

  constructor(facts: ModelFacts, limits: CheckLimits) {
    this.#limits = limits;
    this.#functions = new Map(
      facts.functions.map((body) => [functionKey(body.domain, body.name, body.overload), body]),
    );
    this.#walkGraph(facts, null, facts.inputs.map(inputValue), 1);
  }

  get #isOver(): boolean {
    return this.#steps > STEPS_MAX || this.findings.filter(({ level }) => level === "error").length >= FINDINGS_MAX;
  }

  /** Values of the graph's outputs; `outer` is what a subgraph sees of the graph around it. */
  #walkGraph(
    graph: GraphFacts,
    outer: Scope | null,
    inputs: readonly (KnownValue | null)[],
    rounds: number,
  ): KnownValue[] {
    const scope = new Scope(outer);
    graph.inputs.forEach((input, index) => scope.set(input.name, inputs[index] ?? UNKNOWN));
    for (const tensor of graph.initializers) scope.set(tensor.name, constantValue(tensor));
    this.#walkNodes(graph.nodes, scope, rounds);
    return graph.outputs.map((output) => scope.get(output.name));
  }

  #walkNodes(nodes: readonly NodeFacts[], scope: Scope, rounds: number): void {
    let ordered = this.#ordered.get(nodes);
    if (!ordered) this.#ordered.set(nodes, (ordered = inOrder(nodes)));
    this.#depth++;
    for (const node of ordered) {
      if (this.#isOver) break;
      if (++this.#steps > STEPS_MAX || this.#depth > DEPTH_MAX) {
        // What is not looked at could be an endless loop.
        this.#refuse(
          node,
          "too_complex_to_check",
          `Loops, branches and functions of the model are nested so deep that it cannot be checked (at ${nodeText(node)}). Export it with fewer loops and functions (onnxsim often helps).`,
        );
        this.#steps = STEPS_MAX + 1;
        break;
      }
      const operands = node.inputs.map((name) => (name === "" ? null : scope.get(name)));
      const results = this.#evaluate(node, operands, scope, rounds);
      node.outputs.forEach((name, index) => {
        if (name !== "") scope.set(name, this.#checked(node, results[index] ?? UNKNOWN));
      });
    }
    this.#depth--;
  }

  #evaluate(node: NodeFacts, operands: (KnownValue | null)[], scope: Scope, rounds: number): KnownValue[] {
    const body = this.#functions.get(functionKey(node.domain, node.opType, node.overload));
    if (body) return this.#call(body, operands, rounds);
    if (node.opType === "Loop") return this.#loop(node, operands, scope, rounds);
    if (node.opType === "Scan") return this.#scan(node, operands, scope, rounds);
    const graphs = node.attributes.flatMap((attribute) => attribute.graphs);
    if (graphs.length > 0) {
      const answers = graphs.map((graph) => this.#walkGraph(graph, scope, [], rounds));
      return node.opType === "If" ? node.outputs.map((_, index) => larger(answers.map((answer) => answer[index]))) : [];
    }
    this.#noteSizeOperands(node, operands);
    return applyRule(node, operands);
  }

  #call(body: FunctionFacts, operands: (KnownValue | null)[], rounds: number): KnownValue[] {
    const scope = new Scope(null);
    body.inputs.forEach((name, index) => scope.set(name, operands[index] ?? UNKNOWN));
    this.#walkNodes(body.nodes, scope, rounds);
    return body.outputs.map((name) => scope.get(name));
  }

  #loop(node: NodeFacts, operands: (KnownValue | null)[], scope: Scope, rounds: number): KnownValue[] {
    const written = operands[0]?.numbers?.[0] ?? null;
    const isEndless = !operands[0] || (written !== null && written >= ENDLESS_ROUNDS);
    const trips = written === null || isEndless ? null : Math.max(0, written);
    const body = node.attributes.find((attribute) => attribute.name === "body")?.graphs[0];
    if (!body) return [];
    if (trips === null) {
      const why = isEndless
        ? "only its condition ends it, which may never happen"
        : "its number of rounds is not fixed in the file";
      this.#refuse(
        node,
        "loop_unbounded",
        `The model loops in ${nodeText(node)}, and ${why}: one call could run forever, and nothing can stop it. Export the model with a constant number of rounds, at most ${this.#limits.loopRoundsMax.toLocaleString("en")}.`,
      );
      this.#walkGraph(body, scope, [], rounds);
      return [];
    }
    const total = rounds * trips;
    if (total > this.#limits.loopRoundsMax) {
      const nested = rounds > 1 ? " (with the loops around it)" : "";
      this.#refuse(
        node,
        "loop_too_long",
        `The model loops ${total.toLocaleString("en")} times in ${nodeText(node)}${nested}; at most ${this.#limits.loopRoundsMax.toLocaleString("en")} rounds are allowed, because a call cannot be stopped. Export the model with fewer rounds.`,
      );
      return [];
    }
    const carried = operands.slice(2);
    const round = (state: (KnownValue | null)[]): KnownValue[] =>
      this.#walkGraph(body, scope, [SCALAR_INTEGER, SCALAR_BOOL, ...state], Math.max(1, total)).slice(1);
    return this.#repeat(node, round, carried, trips);
  }

  #scan(node: NodeFacts, operands: (KnownValue | null)[], scope: Scope, rounds: number): KnownValue[] {
    const body = node.attributes.find((attribute) => attribute.name === "body")?.graphs[0];
    if (!body) return [];
    // A Scan ends with its input, and its states keep their shape. Opset 8 had the lengths in front.
    const own = operands.slice(Math.max(0, operands.length - body.inputs.length));
    const stateCount = own.length - (integerAttribute(node, "num_scan_inputs") ?? 0);
    const inputs = own.map((operand, index) => {
      if (index < stateCount || !operand) return operand;
      const dims = operand.dims?.slice(1) ?? null;
      return { ...operand, dims, leastCount: leastCountOf(dims), numbers: null };
    });
    const length = own[stateCount]?.dims?.[0] ?? 1;
    this.#walkGraph(body, scope, inputs, rounds * Math.max(1, length));
    return [];
  }

  /** The state behind `trips` rounds, then what each round gave out, stacked. */
  #repeat(
    node: NodeFacts,
    round: (state: (KnownValue | null)[]) => KnownValue[],
    start: (KnownValue | null)[],
    trips: number,
  ): KnownValue[] {
    let state = start;
    let given: KnownValue[] = [];
    const followed = Math.min(trips, ROUNDS_FOLLOWED_MAX);
    let isStable = trips === 0;
    for (let index = 0; index < followed && !isStable && !this.#isOver; index++) {
      const answer = round(state);
      const next = answer.slice(0, start.length);
      given = answer.slice(start.length);
      isStable = next.every((value, at) => sameValue(value, state[at] ?? UNKNOWN));
      state = next;
    }
    const values = state.map((value) => ({ ...(value ?? UNKNOWN), numbers: null, constant: false }));
    if (!isStable && trips > followed) {
      const drawnOut = values.find((value) => leastBytesOf(value) * (trips / followed) > this.#limits.tensorBytesMax);
      if (drawnOut) this.#refuseSize(node, leastBytesOf(drawnOut) * (trips / followed));
      return [];
    }
    const stacked = given.map((value) => ({
      ...value,
      dims: value.dims && [trips, ...value.dims],
      leastCount: value.leastCount * trips,
      numbers: null,
      constant: false,
    }));
    return [...values, ...stacked];
  }

  #noteSizeOperands(node: NodeFacts, operands: (KnownValue | null)[]): void {
    const deciding = (SIZE_OPERANDS.get(node.opType) ?? []).flatMap((position) => operands[position] ?? []);
    const fed = deciding.find((operand) => operand.fedBy !== null);
    if (fed?.fedBy) {
      this.#report(
        node,
        "warning",
        "size_from_input",
        `The values of the input ${quoted(fed.fedBy)} decide how large a tensor is in ${nodeText(node)}: one call with a huge number there can take all memory. Export the model with a fixed size there, or check that value before it is sent.`,
      );
    } else if (deciding.some((operand) => !operand.numbers && operand.dims?.[0] !== 0)) this.undecided.add(node);
  }

  #checked(node: NodeFacts, value: KnownValue): KnownValue {
    const bytes = leastBytesOf(value);
    if (value.constant && !this.#counted.has(node)) this.#constantBytes += bytes;
    this.#counted.add(node);
    if (bytes > this.#limits.tensorBytesMax) this.#refuseSize(node, bytes);
    else if (this.#constantBytes > this.#limits.constantBytesMax) {
      this.#refuseSize(node, this.#constantBytes, "; together with the constants computed before it, this is ");
      this.#constantBytes = 0;
    }
    return value;
  }

  #refuseSize(node: NodeFacts, bytes: number, lead = ", "): void {
    const size = `${Math.ceil(bytes / MIB).toLocaleString("en")} MiB`;
    this.#refuse(
      node,
      "tensor_too_large",
      `The model makes a tensor in ${nodeText(node)}${lead}${size} or more, which does not fit the memory of the engine (at most ${Math.floor(this.#limits.tensorBytesMax / MIB)} MiB a tensor). Export a model that works on smaller tensors.`,
    );
  }

  #refuse(node: NodeFacts, code: string, message: string): void {
    this.#report(node, "error", code, message);
  }

  #report(node: NodeFacts, level: Finding["level"], code: string, message: string): void {
    if (this.#reported.has(node) || this.findings.filter((finding) => finding.code === code).length >= FINDINGS_MAX)
      return;
    this.#reported.add(node);
    this.findings.push({ level, code, message });
  }
}

const SCALAR_INTEGER: KnownValue = { ...UNKNOWN, elem: "int64", dims: [], leastCount: 1 };
const SCALAR_BOOL: KnownValue = { ...UNKNOWN, elem: "bool", dims: [], leastCount: 1 };

function larger(values: (KnownValue | undefined)[]): KnownValue {
  const known = values.map((value) => value ?? UNKNOWN).toSorted((a, b) => leastBytesOf(b) - leastBytesOf(a));
  const largest = known[0] ?? UNKNOWN;
  return { ...largest, numbers: null, constant: false, fedBy: known.find((value) => value.fedBy)?.fedBy ?? null };
}

function sameValue(left: KnownValue, right: KnownValue): boolean {
  return (
    left.leastCount === right.leastCount &&
    JSON.stringify([left.dims, left.numbers]) === JSON.stringify([right.dims, right.numbers])
  );
}
