import { describe, expect, it } from "vitest";
import { runReason } from "../../src/engine/run-reason.ts";

describe("the reason of a run that failed", () => {
  it("comes without the runtime's codes, and says where", () => {
    expect(
      runReason(
        "Non-zero status code returned while running Gather node. Name:'' Status Message: indices element out of data bounds, idx=5 must be within the inclusive range [-3,2]",
      ),
    ).toBe(
      "indices element out of data bounds, idx=5 must be within the inclusive range [-3,2] (in a node of kind Gather)",
    );
  });

  it("names the node where it has a name, and leaves out where in its own source the runtime noticed", () => {
    expect(
      runReason(
        "Non-zero status code returned while running Div node. Name:'scale/div' Status Message: element_wise_ops.cc:692 Compute Integer division by zero",
      ),
    ).toBe('Integer division by zero (in the Div node "scale/div")');
  });

  it("is that of the innermost node where one holds others", () => {
    expect(
      runReason(
        "Non-zero status code returned while running If node. Name:'branch' Status Message: Non-zero status code returned while running Add node. Name:'inner' Status Message: ",
      ),
    ).toBe('the Add node "inner" failed');
  });

  it("is any other text as it is, without its full stop", () => {
    expect(runReason("The rows do not fit into the engine's memory.")).toBe(
      "The rows do not fit into the engine's memory",
    );
    expect(runReason("Missing Input: amount")).toBe("Missing Input: amount");
    expect(runReason("")).toBe("");
  });
});
