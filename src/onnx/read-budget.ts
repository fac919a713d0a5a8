import { OnnxError } from "./onnx-error.ts";

// Nodes, attributes, names and dimensions of one file. An isolation forest of 2,700 nodes has 12,500; one of 150,000 would
// load for half a minute, and a part costs up to 300 bytes here.
const PARTS_MAX = 150_000;
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
