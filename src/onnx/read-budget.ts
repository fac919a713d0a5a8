import { OnnxError } from "./onnx-error.ts";

// Nodes, attributes, names and dimensions of one file. The largest real graphs (4,000 nodes of an isolation forest) need
// about 40,000; every part costs memory here and far more in the engine.
const PARTS_MAX = 400_000;
// Graphs inside graphs (If in Loop in If ...); real models stay below 5.
const DEPTH_MAX = 24;

/** Bounds what reading a file may take, so that a small hostile file costs neither memory nor stack. */
export class ReadBudget {
  #parts = 0;
  #depth = 0;

  spend(): void {
    if (++this.#parts <= PARTS_MAX) return;
    throw new OnnxError(
      "too_complex",
      `The model has more than ${PARTS_MAX.toLocaleString("en")} nodes, names and dimensions, too many to serve. Simplify the graph (onnxsim), or train a smaller ensemble.`,
    );
  }

  deeper<T>(read: () => T): T {
    if (++this.#depth > DEPTH_MAX) {
      throw new OnnxError(
        "too_complex",
        `The model nests graphs or types more than ${DEPTH_MAX} deep. Export it without nested control flow.`,
      );
    }
    const result = read();
    this.#depth--;
    return result;
  }
}
