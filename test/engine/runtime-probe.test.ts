import { it } from "vitest";
import { Session } from "../../src/engine/runtime.ts";
import { model, node, tensor, tensorValue } from "../onnx/build-model.ts";

const f = (v: number[]) => [...new Uint8Array(Float32Array.from(v).buffer)];
it("probe", async () => {
  for (const ir of [3, 8]) {
    const bytes = model({
      ir,
      inputs: [tensorValue("x", "float32", [null, 1]), tensorValue("w", "float32", [1])],
      outputs: [tensorValue("y", "float32", [null, 1])],
      initializers: [tensor("w", { dims: [1], elem: "float32", raw: f([10]) })],
      nodes: [node("Add", ["x", "w"], ["y"])],
    });
    const s = await Session.load(bytes, 100_000_000);
    console.log(ir, JSON.stringify(s.inputs), s.memoryBytes);
    const x = { type: "float32" as const, dims: [2, 1], data: Float32Array.of(1, 2) };
    console.log("default", s.run(new Map([["x", x]]), ["y"]).map((t) => [...(t.data as Float32Array)]));
    try {
      const w = { type: "float32" as const, dims: [1], data: Float32Array.of(5) };
      console.log("fed", s.run(new Map([["x", x], ["w", w]]), ["y"]).map((t) => [...(t.data as Float32Array)]));
    } catch (e) { console.log("fed fails", String(e)); }
  }
});
