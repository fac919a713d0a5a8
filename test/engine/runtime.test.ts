import { afterEach, describe, expect, it, vi } from "vitest";
import { Session } from "../../src/engine/runtime.ts";
import type { Tensor, TensorArray } from "../../src/engine/tensor.ts";
import { isAppError } from "../../src/errors.ts";
import {
  attribute,
  integers,
  int,
  message,
  model,
  node,
  tensor,
  tensorValue,
  text,
  value,
} from "../onnx/build-model.ts";

const MIB = 1024 * 1024;
// What the build asks for at rest: 256 pages of 64 KiB.
const AT_REST = 16 * MIB;
const ROOMY = 100 * MIB;
// Numbers of TensorProto.DataType.
const FLOAT16 = 10;
const INT64 = 7;
const BOOL = 9;
const STRING = 8;

/** The input comes back as the output. */
function echoModel(elem: number, dims: (number | null)[]): Uint8Array {
  const shape = dims.flatMap((size) => message(1, size === null ? [] : int(1, size)));
  const typed = (name: string): number[] => value(name, message(1, [...int(1, elem), ...message(2, shape)]));
  return model({ inputs: [typed("x")], outputs: [typed("y")], nodes: [node("Identity", ["x"], ["y"])] });
}

/** A one, as often as the input says: 4 bytes each. */
const expandModel = model({
  inputs: [tensorValue("size", "int64", [1])],
  outputs: [tensorValue("y", "float32", [null])],
  initializers: [tensor("one", { dims: [1], elem: "float32", raw: floats(1) })],
  nodes: [node("Expand", ["one", "size"], ["y"])],
});

function floats(...numbers: number[]): number[] {
  return [...new Uint8Array(Float32Array.from(numbers).buffer)];
}

function numbers(type: "float32", data: TensorArray, dims?: number[]): Tensor {
  return { type, dims: dims ?? [data.length], data };
}

function sizeOf(count: number): Map<string, Tensor> {
  return new Map([["size", { type: "int64", dims: [1], data: BigInt64Array.of(BigInt(count)) }]]);
}

function echo(session: Session, tensorIn: Tensor): Tensor | undefined {
  return session.run(new Map([["x", tensorIn]]), ["y"])[0];
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isAppError(error) ? error.code : String(error);
  }
  return "nothing was thrown";
}

async function codeOfLoad(bytes: Uint8Array, limit: number): Promise<string> {
  try {
    await Session.load(bytes, limit);
  } catch (error) {
    return isAppError(error) ? error.code : String(error);
  }
  return "nothing was thrown";
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a loaded model", () => {
  it("tells its inputs and outputs: a free dimension by its name, or null where it has none", async () => {
    const session = await Session.load(
      model({
        inputs: [tensorValue("a", "float32", [null, 3]), tensorValue("b", "int64", ["batch", 1])],
        outputs: [tensorValue("y", "float32", [null, 3])],
        nodes: [node("Cast", ["b"], ["c"], { attributes: [attribute.int("to", 1)] }), node("Add", ["a", "c"], ["y"])],
      }),
      ROOMY,
    );
    expect(session.inputs).toEqual([
      { name: "a", type: "float32", dims: [null, 3] },
      { name: "b", type: "int64", dims: ["batch", 1] },
    ]);
    expect(session.outputs.map(({ name, type }) => [name, type])).toEqual([["y", "float32"]]);
  });

  it.for<[string, number, Tensor]>([
    ["float16 as its bits", FLOAT16, { type: "float16", dims: [2, 1], data: Uint16Array.of(0x3c00, 0xfc00) }],
    [
      "int64 beyond what a double holds",
      INT64,
      { type: "int64", dims: [2, 1], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
    ],
    ["bool", BOOL, { type: "bool", dims: [3, 1], data: Uint8Array.of(1, 0, 1) }],
    [
      "texts of any script, empty ones too",
      STRING,
      { type: "string", dims: [4, 1], data: ["", "Zürich", "東京 🗼", 'a,b\n"c"'] },
    ],
  ])("takes and gives %s", async ([, elem, sent]) => {
    const session = await Session.load(echoModel(elem, [null, 1]), ROOMY);
    expect(echo(session, sent)).toEqual(sent);
  });

  it("takes no rows, one row and many rows of a free dimension", async () => {
    const session = await Session.load(echoModel(1, [null]), ROOMY);
    for (const length of [0, 1, 1000]) {
      const sent = numbers(
        "float32",
        Float32Array.from({ length }, (_, index) => index / 2),
      );
      expect(echo(session, sent)).toEqual(sent);
    }
  });

  it("refuses a missing input, a wrong type, a wrong shape and an unknown output, and answers the next call", async () => {
    const session = await Session.load(echoModel(1, [null, 2]), ROOMY);
    const good = numbers("float32", Float32Array.of(1, 2), [1, 2]);
    const run = (feeds: [string, Tensor][], fetch = "y") => codeOf(() => session.run(new Map(feeds), [fetch]));
    expect(run([])).toBe("model_run");
    expect(run([["x", { type: "int64", dims: [1, 2], data: BigInt64Array.of(1n, 2n) }]])).toBe("model_run");
    expect(run([["x", numbers("float32", Float32Array.of(1, 2, 3), [1, 3])]])).toBe("model_run");
    expect(run([["x", good]], "z")).toBe("model_run");
    expect(
      run([
        ["x", good],
        ["w", good],
      ]),
    ).toBe("model_run");
    expect(echo(session, good)).toEqual(good);
  });
});

describe("an input with a default", () => {
  const added = (ir: number): Uint8Array =>
    model({
      ir,
      inputs: [tensorValue("x", "float32", [null]), tensorValue("w", "float32", [1])],
      outputs: [tensorValue("y", "float32", [null])],
      initializers: [tensor("w", { dims: [1], elem: "float32", raw: floats(10) })],
      nodes: [node("Add", ["x", "w"], ["y"])],
    });
  const x = numbers("float32", Float32Array.of(1, 2));
  const w = numbers("float32", Float32Array.of(5));

  it("is not among the inputs, keeps its default, and takes another value where one is sent", async () => {
    const session = await Session.load(added(8), ROOMY);
    expect(session.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(echo(session, x)?.data).toEqual(Float32Array.of(11, 12));
    expect(
      session.run(
        new Map([
          ["x", x],
          ["w", w],
        ]),
        ["y"],
      )[0]?.data,
    ).toEqual(Float32Array.of(6, 7));
    expect(echo(session, x)?.data).toEqual(Float32Array.of(11, 12));
  });

  it("is a constant up to IR version 3", async () => {
    const session = await Session.load(added(3), ROOMY);
    expect(
      codeOf(() =>
        session.run(
          new Map([
            ["x", x],
            ["w", w],
          ]),
          ["y"],
        ),
      ),
    ).toBe("model_run");
    expect(echo(session, x)?.data).toEqual(Float32Array.of(11, 12));
  });
});

describe("the memory of a model", () => {
  it("is its own: what one model takes, another one does not", async () => {
    const [one, other] = await Promise.all([Session.load(expandModel, ROOMY), Session.load(expandModel, ROOMY)]);
    expect([one.memoryBytes, other.memoryBytes]).toEqual([AT_REST, AT_REST]);
    one.run(sizeOf(5_000_000), ["y"]);
    expect(one.memoryBytes).toBeGreaterThan(AT_REST + 4_000_000);
    expect(other.memoryBytes).toBe(AT_REST);
  });

  it("does not grow from call to call", async () => {
    const session = await Session.load(expandModel, ROOMY);
    session.run(sizeOf(1_000_000), ["y"]);
    const bytes = session.memoryBytes;
    for (let call = 0; call < 50; call += 1) session.run(sizeOf(1_000_000), ["y"]);
    expect(session.memoryBytes).toBe(bytes);
  });

  it("cannot pass its limit, whatever size a call asks for, and the model works again once it is loaded anew", async () => {
    for (const count of [10_000_000, 1_000_000_000, 2 ** 40]) {
      const session = await Session.load(expandModel, 32 * MIB);
      expect(codeOf(() => session.run(sizeOf(count), ["y"]))).toMatch(/^model_(run|memory)$/);
      expect(session.memoryBytes).toBeLessThanOrEqual(32 * MIB);
      const again = session.isBroken ? await Session.load(expandModel, 32 * MIB) : session;
      expect(again.run(sizeOf(3), ["y"])[0]?.data).toEqual(Float32Array.of(1, 1, 1));
    }
    const next = await Session.load(expandModel, 64 * MIB);
    expect(next.run(sizeOf(10_000_000), ["y"])[0]?.data).toHaveLength(10_000_000);
  });

  it("is refused as such when loading alone passes the limit", async () => {
    // 8 million floats, computed when the model loads.
    const vast = model({
      inputs: [tensorValue("x", "float32", [1])],
      outputs: [tensorValue("y", "float32", [8_000_000])],
      initializers: [integers("shape", [8_000_000])],
      nodes: [node("ConstantOfShape", ["shape"], ["zeros"]), node("Add", ["x", "zeros"], ["y"])],
    });
    expect(await codeOfLoad(vast, 24 * MIB)).toBe("model_memory");
    expect((await Session.load(vast, ROOMY)).memoryBytes).toBeGreaterThan(AT_REST + 8_000_000);
  });

  it("is not kept by a wait for threads that never ends", async () => {
    const waitAsync = vi.spyOn(Atomics, "waitAsync");
    const session = await Session.load(expandModel, ROOMY);
    session.run(sizeOf(3), ["y"]);
    session.release();
    expect(waitAsync).not.toHaveBeenCalled();
    expect(Atomics.waitAsync).toBe(waitAsync);
  });
});

describe("what is no model", () => {
  it("is refused with the reason, and the next model loads", async () => {
    expect(await codeOfLoad(new Uint8Array(0), ROOMY)).toBe("model_load");
    expect(await codeOfLoad(Uint8Array.from(text(1, "not a model")), ROOMY)).toBe("model_load");
    const unknown = model({ nodes: [node("NoSuchOperator", ["x"], ["y"])] });
    await expect(Session.load(unknown, ROOMY)).rejects.toThrow(/NoSuchOperator/);
    expect((await Session.load(expandModel, ROOMY)).inputs).toHaveLength(1);
  });
});
