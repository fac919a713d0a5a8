import { quoted } from "./describe.ts";
import type { ExternalDataRef, TensorFacts } from "./model-facts.ts";
import { ATTRIBUTE, FUNCTION, GRAPH, NODE, SPARSE, TENSOR } from "./onnx-fields.ts";
import { OnnxError } from "./onnx-error.ts";
import { ReadBudget } from "./read-budget.ts";
import { readTensor } from "./read-tensor.ts";
import { rawByteLength } from "./tensor-type.ts";
import { elementCount } from "./tensor-values.ts";
import type { WireReader } from "./wire.ts";
import { bytesField, type FieldEdit, Rope, rewriteMessage } from "./wire-writer.ts";

/** Files of the upload by name, as they came. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/**
 * Finds external data in the upload, and copies it into tensors. Only names of uploaded files are ever looked up: a path
 * that leaves the upload is refused by its form. Throws OnnxError `external_data_missing`, `_path` or `_range`.
 */
export class ExternalData {
  readonly #files: ExternalFiles;
  readonly #budget = new ReadBudget();
  readonly #used = new Set<string>();

  constructor(files: ExternalFiles) {
    this.#files = files;
  }

  /** Names of files that no tensor asked for so far. */
  unused(): string[] {
    return [...this.#files.keys()].filter((name) => !this.#used.has(name));
  }

  /** The bytes that a tensor keeps in another file, as a view on the uploaded file. */
  bytesOf(tensor: TensorFacts, ref: ExternalDataRef): Uint8Array {
    const file = this.#find(ref);
    const expected = rawByteLength(tensor.elem, elementCount(tensor.dims));
    const offset = ref.offset ?? 0;
    const length = ref.length ?? expected ?? file.length - offset;
    if (expected === null || length !== expected) {
      throw new OnnxError(
        "external_data_range",
        `The tensor ${quoted(ref.tensor)} (${tensor.elem}[${tensor.dims.join(",")}]) needs ${expected ?? "no"} bytes of external data, but the model asks for ${length} of ${quoted(ref.location)}. Export the model again.`,
      );
    }
    if (offset + length > file.length) {
      throw new OnnxError(
        "external_data_range",
        `The tensor ${quoted(ref.tensor)} lies at bytes ${offset} to ${offset + length} of ${quoted(ref.location)}, but the uploaded file has ${file.length} bytes. Upload the file that was written together with this model.`,
      );
    }
    return file.subarray(offset, offset + length);
  }

  #find(ref: ExternalDataRef): Uint8Array {
    const path = relativePath(ref);
    const baseName = path.slice(path.lastIndexOf("/") + 1);
    // Browsers and curl send bare file names, so a folder in the model's path does not count.
    for (const name of [path, baseName]) {
      const file = this.#files.get(name);
      if (!file) continue;
      this.#used.add(name);
      return file;
    }
    throw new OnnxError(
      "external_data_missing",
      `The model keeps the tensor ${quoted(ref.tensor)} in another file, ${quoted(path)}, which is not in the upload. Add that file to the same upload (field "external"), or save the model in one file (onnx.save_model without save_as_external_data).`,
    );
  }

  /** A TensorProto with its external bytes inside; the same array when it has none. */
  inlineTensor(message: Uint8Array): Uint8Array | Rope {
    const tensor = readTensor(message, this.#budget);
    if (!tensor.external) return message;
    const data = this.bytesOf(tensor, tensor.external);
    return rewriteMessage(
      message,
      (reader) => (DATA_FIELDS.has(reader.field) ? "drop" : "keep"),
      bytesField(TENSOR.rawData, data),
    );
  }

  /** A NodeProto, its attributes and subgraphs included. */
  inlineNode(message: Uint8Array): Uint8Array | Rope {
    return rewriteMessage(message, (reader) =>
      this.#nested(reader, NODE.attribute, (inner) => this.#inlineAttribute(inner)),
    );
  }

  #inlineAttribute(message: Uint8Array): Uint8Array | Rope {
    return rewriteMessage(message, (reader) => {
      switch (reader.field) {
        case ATTRIBUTE.t:
        case ATTRIBUTE.tensors:
          return replaced(reader, this.inlineTensor(reader.slice()));
        case ATTRIBUTE.sparseTensor:
        case ATTRIBUTE.sparseTensors:
          return replaced(reader, this.inlineSparse(reader.slice()));
        case ATTRIBUTE.g:
        case ATTRIBUTE.graphs:
          return replaced(reader, this.#inlineGraph(reader.slice()));
        default:
          return "keep";
      }
    });
  }

  inlineSparse(message: Uint8Array): Uint8Array | Rope {
    return rewriteMessage(message, (reader) => {
      const isPart = reader.field === SPARSE.values || reader.field === SPARSE.indices;
      return isPart ? replaced(reader, this.inlineTensor(reader.slice())) : "keep";
    });
  }

  #inlineGraph(message: Uint8Array): Uint8Array | Rope {
    return rewriteMessage(message, (reader) => this.inlineInGraph(reader));
  }

  /** What becomes of one field of a GraphProto. */
  inlineInGraph(reader: WireReader): FieldEdit {
    if (reader.field === GRAPH.node) return replaced(reader, this.inlineNode(reader.slice()));
    if (reader.field === GRAPH.initializer) return replaced(reader, this.inlineTensor(reader.slice()));
    if (reader.field === GRAPH.sparseInitializer) return replaced(reader, this.inlineSparse(reader.slice()));
    return "keep";
  }

  /** A FunctionProto. */
  inlineFunction(message: Uint8Array): Uint8Array | Rope {
    return rewriteMessage(message, (reader) => this.#nested(reader, FUNCTION.node, (inner) => this.inlineNode(inner)));
  }

  #nested(reader: WireReader, field: number, edit: (inner: Uint8Array) => Uint8Array | Rope): FieldEdit {
    return reader.field === field ? replaced(reader, edit(reader.slice())) : "keep";
  }
}

const DATA_FIELDS: ReadonlySet<number> = new Set([
  TENSOR.floatData,
  TENSOR.int32Data,
  TENSOR.stringData,
  TENSOR.int64Data,
  TENSOR.rawData,
  TENSOR.doubleData,
  TENSOR.uint64Data,
  TENSOR.externalData,
  TENSOR.dataLocation,
]);

/** The edit that puts `message` in the place of the current field; "keep" for the untouched message. */
export function replaced(reader: WireReader, message: Uint8Array | Rope): FieldEdit {
  return message instanceof Rope ? bytesField(reader.field, message) : "keep";
}

function relativePath(ref: ExternalDataRef): string {
  const location = ref.location.replace(/^(\.\/)+/, "");
  const leaves = location.split("/").some((part) => part === ".." || part === "");
  if (location === "" || leaves || /[\\:\0]/.test(location)) {
    throw new OnnxError(
      "external_data_path",
      `The model keeps the tensor ${quoted(ref.tensor)} in ${quoted(ref.location)}, a path outside the upload. Save the model so that its data file lies beside it (onnx.save_model with location="weights.bin"), and upload both.`,
    );
  }
  return location;
}
