import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OnnxError } from "../../src/onnx/onnx-error.ts";
import { appendIntegers, WireReader } from "../../src/onnx/wire.ts";
import {
  bytesField,
  integerField,
  Rope,
  rewriteMessage,
  textField,
  varint as writtenVarint,
} from "../../src/onnx/wire-writer.ts";
import { float, int, message, text, varint } from "./build-model.ts";

function single(bytes: number[]): WireReader {
  const reader = new WireReader(Uint8Array.from(bytes));
  expect(reader.next()).toBe(true);
  return reader;
}

describe("reading the wire format", () => {
  it("reads the numbers of the protobuf documentation", () => {
    // 150 is 96 01 and -2 is fe ff ff ff ff ff ff ff ff 01 in "Encoding" of protobuf.dev.
    expect(single([0x08, 0x96, 0x01]).integer()).toBe(150);
    const minusTwo = [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    expect(single(minusTwo).integer()).toBe(-2);
    expect(single(minusTwo).bigint()).toBe(-2n);
  });

  it("keeps 64-bit integers exact and refuses those beyond 2^53 as plain numbers", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (number) => {
        expect(single(int(3, number)).bigint()).toBe(number);
      }),
    );
    expect(() => single(int(3, 2n ** 60n)).integer()).toThrow(OnnxError);
    expect(single(int(3, 2n ** 53n - 1n)).integer()).toBe(9007199254740991);
  });

  it("reads floats, names and packed or loose lists", () => {
    expect(single(float(2, 0.5)).float()).toBe(0.5);
    expect(single(text(1, "Größe")).text()).toBe("Größe");
    const reader = new WireReader(Uint8Array.from([...message(8, [1, 2, ...varint(-1)]), ...int(8, 300)]));
    const list: bigint[] = [];
    while (reader.next()) appendIntegers(reader, list);
    expect(list).toEqual([1n, 2n, -1n, 300n]);
  });

  it("refuses fields that reach beyond their message, endless numbers, unknown wire types and broken names", () => {
    const damages = [
      [0x0a, 5, 1],
      [0x08],
      [0x08, 0x80],
      [0x08, ...Array<number>(11).fill(0x80), 1],
      [0x0b],
      [0x00, 1],
      [0x0d, 1, 2],
    ];
    for (const bytes of damages) {
      expect(() => new WireReader(Uint8Array.from(bytes)).next(), String(bytes)).toThrow(/damaged or was cut off/);
    }
    expect(() => single([0x0a, 2, 0xc3, 0x28]).text()).toThrow(/not UTF-8/);
  });
});

describe("rewriting", () => {
  const field = fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.bigInt({ min: 0n, max: 2n ** 63n }))
      .map(([number, number64]) => int(number, number64)),
    fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.uint8Array({ maxLength: 40 }))
      .map(([number, body]) => message(number, [...body])),
    fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.float({ noNaN: true }))
      .map(([number, single32]) => float(number, single32)),
  );

  it("answers the very same array when nothing changes", () => {
    const bytes = Uint8Array.from([...int(1, 3), ...text(2, "a")]);
    expect(rewriteMessage(bytes, () => "keep")).toBe(bytes);
  });

  it("keeps every untouched byte in its order, whatever is dropped, replaced or appended", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(field, fc.constantFrom("keep", "drop", "replace")), { maxLength: 30 }),
        fc.boolean(),
        (fields, appends) => {
          const bytes = Uint8Array.from(fields.flatMap(([body]) => body));
          let index = 0;
          const appended = appends ? textField(9, "end") : new Rope();
          const result = rewriteMessage(
            bytes,
            () => {
              const answer = fields[index++]?.[1];
              return answer === "replace" ? bytesField(5, integerField(1, 7)) : answer === "drop" ? "drop" : "keep";
            },
            appended,
          );
          const expected = fields.flatMap(([body, answer]) =>
            answer === "keep" ? body : answer === "drop" ? [] : [0x2a, 2, 0x08, 7],
          );
          if (appends) expected.push(0x4a, 3, 0x65, 0x6e, 0x64);
          expect([...(result instanceof Rope ? result.join() : result)]).toEqual(expected);
        },
      ),
    );
  });

  it("writes varints as the test's own writer does", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (number) => {
        expect([...writtenVarint(number)]).toEqual(varint(number));
      }),
    );
  });
});
