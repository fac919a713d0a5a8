import { describe, expect, it } from "vitest";
import { isMemoryFailure, runReason } from "../../src/engine/run-reason.ts";

const running = (kind: string, name: string, said: string): string =>
  `Non-zero status code returned while running ${kind} node. Name:'${name}' Status Message: ${said}`;

describe("the reason of a run that failed", () => {
  it.each([
    [
      running("Gather", "", "indices element out of data bounds, idx=5 must be within the inclusive range [-3,2]"),
      "a value looks up a place outside of a table (in a node of kind Gather)",
    ],
    [
      running("Div", "scale/div", "element_wise_ops.cc:692 Compute Integer division by zero"),
      'a whole number is divided by zero (in the Div node "scale/div")',
    ],
    [
      running(
        "Add",
        "sum",
        "math.h:130 BroadcastIterator::Append axis == 1 || axis == largest was false. Attempting to broadcast an axis by a dimension other than 1. 3 by 4",
      ),
      'the shapes of two tensors do not go together (in the Add node "sum")',
    ],
    [
      running("Reshape", "r", "The input tensor cannot be reshaped to the requested shape. Input shape:{2,3}"),
      'its values do not fill the shape that a step wants (in the Reshape node "r")',
    ],
    ["Missing Input: amount", "an input of a step has no value"],
    ["OrtValue * (nil) was not there", "an input of a step has no value"],
    ["anything else", "the values do not suit it"],
  ])("is a sentence of ours for %j", (said, ours) => {
    expect(runReason(said)).toBe(ours);
  });

  it("is that of the innermost node where one holds others", () => {
    expect(runReason(running("If", "branch", running("Add", "inner", "")))).toBe(
      'the values do not suit it (in the Add node "inner")',
    );
  });

  it("is the memory where the runtime had none left", () => {
    expect(["std::bad_alloc", "memory access out of bounds"].map(isMemoryFailure)).toEqual([true, true]);
    expect(isMemoryFailure("Integer division by zero")).toBe(false);
  });
});
