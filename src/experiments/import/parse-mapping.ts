import { parse as parseYaml, YAMLParseError } from "yaml";
import { z } from "zod";
import { parseInput } from "../../endpoint.ts";
import { invalid } from "../../errors.ts";

/** What a user says of a model: which columns feed which input, and what the classes are called. */
export interface Mapping {
  /** By ONNX input; the key "" stands for the only input of the model (the flat form). */
  inputs: ReadonlyMap<string, string[]>;
  classNames: string[] | null;
}

const columns = z.union([z.string().transform((name) => [name]), z.array(z.coerce.string()).min(1)]);
const mappingSchema = z.looseObject({
  inputs: z.record(z.string(), columns).optional(),
  class_names: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
});

const EXAMPLE = '{"inputs": {"float_input": ["age", "fare"]}}';

/**
 * Reads a mapping given as JSON or YAML: `{"inputs": {"<onnx input>": ["col", …]}, "class_names": […]}`, or flat,
 * with the inputs at the top level and `input` standing for the only one. Throws 422 `invalid_input` with path `mapping`.
 */
export function parseMapping(text: string): Mapping {
  let document: unknown;
  try {
    // Every JSON document is a YAML document; aliases are refused because they can blow up.
    document = parseYaml(text, { maxAliasCount: 0, logLevel: "error" });
  } catch (error) {
    throw invalid(
      "mapping",
      `The mapping is neither JSON nor YAML${placeOf(error)}. Send an object such as ${EXAMPLE}.`,
    );
  }
  if (document === null || document === undefined) return { inputs: new Map(), classNames: null };
  if (typeof document !== "object" || Array.isArray(document)) {
    throw invalid("mapping", `The mapping must be an object such as ${EXAMPLE}.`);
  }
  const { inputs, class_names: classNames, ...flat } = parseInput(mappingSchema, document, "mapping");
  const entries = new Map(Object.entries(inputs ?? {}));
  for (const [key, value] of Object.entries(flat)) {
    const parsed = columns.safeParse(value);
    if (!parsed.success) throw invalid("mapping", `"${key}" in the mapping must be a list of column names.`);
    entries.set(key === "input" ? "" : key, parsed.data);
  }
  return { inputs: entries, classNames: classNames ? classNames.map(String) : null };
}

/** Where it stops being readable; nothing where the parser does not say, as for an alias. */
function placeOf(error: unknown): string {
  const [start] = (error instanceof YAMLParseError && error.linePos) || [];
  return start ? ` (line ${start.line}, column ${start.col})` : "";
}
