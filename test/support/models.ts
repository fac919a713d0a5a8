import { attribute, type ElemName, model, node, tensor, tensorValue } from "../onnx/build-model.ts";

/** The body of a float constant. */
function floats(name: string, dims: number[], values: number[]) {
  return tensor(name, { dims, elem: "float32", raw: [...new Uint8Array(Float32Array.from(values).buffer)] });
}

/** `factor` times the column `amount`. */
export function timesModel(factor: number): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1])],
    outputs: [tensorValue("prediction", "float32", [null, 1])],
    initializers: [floats("factor", [1], [factor])],
    nodes: [node("Mul", ["amount", "factor"], ["prediction"])],
  });
}

/** `width` numbers for each row: amount times 1/3, 2/3, 3/3 and so on. */
export function wideModel(width: number): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1])],
    outputs: [tensorValue("prediction", "float32", [null, width])],
    initializers: [
      floats(
        "factors",
        [1, width],
        Array.from({ length: width }, (_, index) => (index + 1) / 3),
      ),
    ],
    nodes: [node("MatMul", ["amount", "factors"], ["prediction"])],
  });
}

/** The entry of `table` at `amount`, cut to a whole number. The run fails where there is no such entry: also for a gap. */
export function tableModel(table: number[]): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1])],
    outputs: [tensorValue("prediction", "float32", [null, 1])],
    initializers: [floats("table", [table.length], table)],
    nodes: [
      node("Cast", ["amount"], ["place"], { attributes: [attribute.int("to", 7)] }),
      node("Gather", ["table", "place"], ["prediction"], { attributes: [attribute.int("axis", 0)] }),
    ],
  });
}

/** The natural logarithm of `amount`: not finite at 0 and below. */
export function logModel(): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1])],
    outputs: [tensorValue("prediction", "float32", [null, 1])],
    nodes: [node("Log", ["amount"], ["prediction"])],
  });
}

/** The sum of `width` columns in one tensor. */
export function sumModel(width: number): Uint8Array {
  return model({
    inputs: [tensorValue("x", "float32", [null, width])],
    outputs: [tensorValue("prediction", "float32", [null, 1])],
    initializers: [
      floats(
        "ones",
        [width, 1],
        Array.from({ length: width }, () => 1),
      ),
    ],
    nodes: [node("MatMul", ["x", "ones"], ["prediction"])],
  });
}

/** Predicts 1 for each row of `lead`, a number, and gives back every input as `echo_<input>`: what a tensor was fed is seen in `extra`. */
export function echoModel(inputs: Record<string, ElemName>): Uint8Array {
  const names = Object.entries(inputs);
  return model({
    inputs: [
      tensorValue("lead", "float32", [null, 1]),
      ...names.map(([name, elem]) => tensorValue(name, elem, [null, 1])),
    ],
    outputs: [
      tensorValue("prediction", "float32", [null, 1]),
      ...names.map(([name, elem]) => tensorValue(`echo_${name}`, elem, [null, 1])),
    ],
    nodes: [
      node("Identity", ["lead"], ["prediction"]),
      ...names.map(([name]) => node("Identity", [name], [`echo_${name}`])),
    ],
  });
}

/** A classifier of `amount`: class 1 above `threshold` with 0.75, class 0 otherwise with the same. */
export function thresholdModel(threshold: number): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1])],
    outputs: [tensorValue("label", "int64", [null]), tensorValue("probabilities", "float32", [null, 2])],
    initializers: [
      floats("threshold", [1], [threshold]),
      floats("high", [1, 2], [0.25, 0.75]),
      floats("low", [1, 2], [0.75, 0.25]),
    ],
    nodes: [
      node("Greater", ["amount", "threshold"], ["isHigh"]),
      node("Where", ["isHigh", "high", "low"], ["probabilities"]),
      node("ArgMax", ["probabilities"], ["label"], {
        attributes: [attribute.int("axis", 1), attribute.int("keepdims", 0)],
      }),
    ],
  });
}

/** The same with its classes in its own words. */
export function namingModel(threshold: number, labels: [string, string]): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1])],
    outputs: [tensorValue("label", "string", [null]), tensorValue("probabilities", "float32", [null, 2])],
    initializers: [
      floats("threshold", [1], [threshold]),
      floats("high", [1, 2], [0.25, 0.75]),
      floats("low", [1, 2], [0.75, 0.25]),
    ],
    nodes: [
      node("Greater", ["amount", "threshold"], ["isHigh"]),
      node("Where", ["isHigh", "high", "low"], ["probabilities"]),
      node("ArgMax", ["probabilities"], ["position"], {
        attributes: [attribute.int("axis", 1), attribute.int("keepdims", 0)],
      }),
      node("LabelEncoder", ["position"], ["label"], {
        domain: "ai.onnx.ml",
        attributes: [attribute.ints("keys_int64s", [0, 1]), attribute.strings("values_strings", labels)],
      }),
    ],
  });
}

/** 1 where `paid` is true, or the text "True"; else 0. */
export function comparingModel(elem: "bool" | "string"): Uint8Array {
  const isTrue =
    elem === "bool" ? [node("Identity", ["paid"], ["is_true"])] : [node("Equal", ["paid", "True"], ["is_true"])];
  return model({
    opsets: { "": 19 },
    inputs: [tensorValue("paid", elem, [null, 1])],
    outputs: [tensorValue("prediction", "float32", [null, 1])],
    initializers: elem === "bool" ? [] : [tensor("True", { dims: [1], elem: "string", strings: ["True"] })],
    nodes: [...isTrue, node("Cast", ["is_true"], ["prediction"], { attributes: [attribute.int("to", 1)] })],
  });
}

/** Whether `amount` is above 10, as a tensor of `width` booleans a row that are all the same. */
export function aboveTenModel(width = 1): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "float32", [null, 1])],
    outputs: [tensorValue("prediction", "bool", [null, width])],
    initializers: [
      floats(
        "tens",
        [1, width],
        Array.from({ length: width }, () => 10),
      ),
    ],
    nodes: [node("Greater", ["amount", "tens"], ["prediction"])],
  });
}

/** 100 divided by `amount` as whole numbers: the run fails at 0. */
export function wholeDivisionModel(): Uint8Array {
  return model({
    inputs: [tensorValue("amount", "int64", [null, 1])],
    outputs: [tensorValue("prediction", "int64", [null, 1])],
    initializers: [tensor("hundred", { dims: [1], elem: "int64", integers: [100] })],
    nodes: [node("Div", ["hundred", "amount"], ["prediction"])],
  });
}
