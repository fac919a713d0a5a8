import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMapping } from "../../src/experiments/import/parse-mapping.ts";
import { isAppError } from "../../src/errors.ts";

function refusal(text: string): string {
  try {
    parseMapping(text);
  } catch (error) {
    if (isAppError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error("the mapping was taken");
}

describe("a mapping", () => {
  it("is JSON or YAML, and says the same in both", () => {
    const expected = { inputs: new Map([["x", ["age", "fare"]]]), classNames: ["no", "yes"] };
    expect(parseMapping('{"inputs": {"x": ["age", "fare"]}, "class_names": ["no", "yes"]}')).toEqual(expected);
    expect(parseMapping('inputs:\n  x: [age, fare]\nclass_names:\n  - "no"\n  - "yes"\n')).toEqual(expected);
  });

  it("has a flat form, in which `input` is the only input of the model", () => {
    expect(parseMapping("input: [age, fare]").inputs).toEqual(new Map([["", ["age", "fare"]]]));
    expect(parseMapping("x: [age]\ny: fare").inputs).toEqual(
      new Map([
        ["x", ["age"]],
        ["y", ["fare"]],
      ]),
    );
  });

  it("takes one column without a list, and names that look like numbers", () => {
    expect(parseMapping('{"inputs": {"x": "age"}}').inputs.get("x")).toEqual(["age"]);
    expect(parseMapping("inputs: {x: [0, 1, 2.5]}").inputs.get("x")).toEqual(["0", "1", "2.5"]);
    expect(parseMapping("class_names: [0, 1, true]").classNames).toEqual(["0", "1", "true"]);
  });

  it("may say nothing", () => {
    expect(parseMapping("{}")).toEqual({ inputs: new Map(), classNames: null });
    expect(parseMapping("# nothing yet")).toEqual({ inputs: new Map(), classNames: null });
  });

  it("keeps an input called as a member of every object", () => {
    expect(parseMapping('{"inputs": {"constructor": ["a"], "toString": ["b"]}}').inputs).toEqual(
      new Map([
        ["constructor", ["a"]],
        ["toString", ["b"]],
      ]),
    );
  });

  it("is refused with a sentence where it is something else", () => {
    expect(refusal("[1, 2]")).toMatch(/^invalid_input: The mapping must be an object such as/);
    expect(refusal("just words")).toMatch(/must be an object/);
    expect(refusal("{a: [")).toMatch(/neither JSON nor YAML/);
    expect(refusal("x: {y: 1}")).toMatch(/"x" in the mapping must be a list/);
    expect(refusal('{"inputs": {"x": []}}')).toMatch(/^invalid_input/);
    expect(refusal("a: &a [x]\nb: *a")).toMatch(/neither JSON nor YAML/);
  });

  it("gives back what JSON says, and refuses everything else without another error", () => {
    const names = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
          names,
        ),
        (inputs) => {
          expect(Object.fromEntries(parseMapping(JSON.stringify({ inputs })).inputs)).toEqual(inputs);
        },
      ),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseMapping(text);
        } catch (error) {
          expect(isAppError(error) && error.code).toBe("invalid_input");
        }
      }),
    );
  });
});
