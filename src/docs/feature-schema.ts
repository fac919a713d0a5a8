import { describeSendable, type InputJson } from "../inference/spec/describe-deployment.ts";
import type { ServedFeature, ServingSpec } from "../inference/spec/serving-spec.ts";
import { parseNumber } from "../lib/csv.ts";
import { completeCategories, rangeText } from "./feature-facts.ts";
import type { Json, JsonObject } from "./openapi-json.ts";

/** The schema of a row. It refuses nothing that the deployment answers with no more than a warning about a category or a name. */
export function featuresSchema(spec: ServingSpec): JsonObject {
  const inputs = describeSendable(spec);
  const served = new Map(spec.features.map((feature) => [feature.name, feature]));
  return {
    type: "object",
    properties: Object.fromEntries(
      inputs.map((input) => [input.name, featureSchema(spec, input, served.get(input.name)?.mainTensors ?? [])]),
    ),
    required: inputs.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: spec.typePolicy !== "strict",
  };
}

function featureSchema(spec: ServingSpec, input: InputJson, tensors: ServedFeature["mainTensors"]): JsonObject {
  const { name, kind, nullable, range, categories, example } = input;
  const isBoolean = kind === "boolean" || tensors.includes("bool");
  const complete = completeCategories(spec, name);
  const isClosed = complete !== null && spec.typePolicy === "strict";
  const schema: JsonObject = { type: [...typesOf(input, isBoolean, tensors), ...(nullable ? ["null"] : [])] };
  // An empty text is a missing value.
  if (!nullable) schema["minLength"] = 1;
  if (isClosed && complete.every(isPlainText)) schema["enum"] = [...complete, ...(nullable ? ["", null] : [])];
  const facts: string[] = [];
  if (isBoolean) facts.push("true, false, 0 or 1.");
  else if (kind === "numeric") facts.push('A number, also as a text: "22" is 22.');
  if (range && !isBoolean) facts.push(`In the training data ${rangeText(range)}.`);
  if (complete && !isClosed) facts.push("The training data has only the examples. Another category gets a warning.");
  if (isClosed) facts.push("Only the examples are valid. Another category is refused.");
  if (categories && !complete) facts.push("The training data has further categories.");
  if (tensors.length === 0) facts.push("Optional: recorded, and it does not change the answer.");
  facts.push(nullable ? 'null and "" count as missing.' : "A value is needed.");
  schema["description"] = facts.join(" ");
  const examples: Json[] = categories && categories.length > 0 ? categories : example === null ? [] : [example];
  if (examples.length > 0) schema["examples"] = examples;
  return schema;
}

/** What JSON a value may be, so that it can be read. */
function typesOf({ kind }: InputJson, isBoolean: boolean, tensors: ServedFeature["mainTensors"]): string[] {
  if (isBoolean) return ["boolean", "integer", "string"];
  if (kind === "numeric") return ["number", "string"];
  return tensors.every((type) => type === "string") ? ["string", "number", "boolean"] : ["string", "number"];
}

/** Not a text that is also a number, true or false: those may be sent as what they are. */
function isPlainText(category: string): boolean {
  return parseNumber(category) === null && category !== "true" && category !== "false";
}
