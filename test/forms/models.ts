import { attribute, float, int, model, node, tensor, tensorValue, text } from "../onnx/build-model.ts";

type Bytes = ReturnType<typeof text>;

/** A constant of one float. */
function constant(name: string, single: number): Bytes {
  return tensor(name, { dims: [1], elem: "float32", raw: [...new Uint8Array(Float32Array.of(single).buffer)] });
}

/** Numbers for texts, 0 for any other text. */
function encoder(input: string, output: string, keys: string[], values: number[]): Bytes {
  const floats = [...text(1, "values_floats"), ...values.flatMap((value) => float(7, value)), ...int(20, 6)];
  const otherwise = [...text(1, "default_float"), ...float(2, 0), ...int(20, 1)];
  return node("LabelEncoder", [input], [output], {
    domain: "ai.onnx.ml",
    attributes: [attribute.strings("keys_strings", keys), floats, otherwise],
  });
}

/** 2 * amount + 10 * rooms + 100 when furnished + 1 in Bern or 2 in Oslo; the note counts nothing. */
export function priceModel(): Uint8Array {
  return model({
    inputs: [
      tensorValue("amount", "float32", [null, 1]),
      tensorValue("rooms", "int64", [null, 1]),
      tensorValue("furnished", "bool", [null, 1]),
      tensorValue("city", "string", [null, 1]),
      tensorValue("note", "string", [null, 1]),
    ],
    outputs: [tensorValue("price", "float32", [null, 1])],
    initializers: [constant("two", 2), constant("ten", 10), constant("hundred", 100)],
    nodes: [
      node("Cast", ["rooms"], ["rooms_float"], { attributes: [attribute.int("to", 1)] }),
      node("Cast", ["furnished"], ["furnished_float"], { attributes: [attribute.int("to", 1)] }),
      encoder("city", "city_float", ["Bern", "Oslo"], [1, 2]),
      encoder("note", "note_float", ["no note is this"], [0]),
      node("Mul", ["amount", "two"], ["a"]),
      node("Mul", ["rooms_float", "ten"], ["b"]),
      node("Mul", ["furnished_float", "hundred"], ["c"]),
      node("Sum", ["a", "b", "c", "city_float", "note_float"], ["price"]),
    ],
  });
}

/** Softmax of (amount, 0): the odds of the first class are e to the amount. */
export function sizeModel(): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1])],
    outputs: [tensorValue("probabilities", "float32", [null, 2])],
    initializers: [constant("zero", 0)],
    nodes: [
      node("Mul", ["amount", "zero"], ["nothing"]),
      node("Concat", ["amount", "nothing"], ["logits"], { attributes: [attribute.int("axis", 1)] }),
      node("Softmax", ["logits"], ["probabilities"], { attributes: [attribute.int("axis", 1)] }),
    ],
  });
}
