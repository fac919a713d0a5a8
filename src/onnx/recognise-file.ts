import { OnnxError } from "./onnx-error.ts";
import { lenientUtf8 } from "./wire.ts";

interface Look {
  seems: string;
  upload: string;
}

const SKL2ONNX =
  "convert it first (skl2onnx.to_onnx for scikit-learn, onnxmltools for XGBoost and LightGBM) and upload that .onnx file";
const TORCH_OR_KERAS = "export it first (torch.onnx.export for PyTorch, tf2onnx for Keras) and upload that .onnx file";
// Enough to tell text from bytes and to see a header.
const SAMPLE_BYTES = 2048;

const MAGIC: { at: number; bytes: string; look: Look }[] = [
  {
    at: 0,
    bytes: "PK\x03\x04",
    look: {
      seems: "a zip archive (PyTorch .pt, .keras and .npz files are such)",
      upload: `unpack the .onnx file out of it, or ${TORCH_OR_KERAS}`,
    },
  },
  {
    at: 0,
    bytes: "\x89HDF",
    look: { seems: "an HDF5 file (a Keras .h5 model)", upload: TORCH_OR_KERAS },
  },
  {
    at: 0,
    bytes: "\x1f\x8b",
    look: {
      seems: "gzip-compressed",
      upload: "unpack it (gunzip) and upload the .onnx file inside",
    },
  },
  {
    at: 0,
    bytes: "BZh",
    look: { seems: "bzip2-compressed", upload: "unpack it and upload the .onnx file inside" },
  },
  {
    at: 0,
    bytes: "\xfd7zXZ",
    look: { seems: "xz-compressed", upload: "unpack it and upload the .onnx file inside" },
  },
  { at: 0, bytes: "\x78\x9c", look: { seems: "a compressed joblib file", upload: SKL2ONNX } },
  { at: 0, bytes: "\x78\x5e", look: { seems: "a compressed joblib file", upload: SKL2ONNX } },
  {
    at: 0,
    bytes: "PAR1",
    look: {
      seems: "a Parquet file",
      upload: "upload it as a dataset; here goes the .onnx file of a model",
    },
  },
  {
    at: 0,
    bytes: "CBM1",
    look: {
      seems: "a CatBoost model",
      upload: 'save it with model.save_model(path, format="onnx") and upload that file',
    },
  },
  {
    at: 0,
    bytes: "GGUF",
    look: {
      seems: "a GGUF language model",
      upload: "upload an ONNX model; language models of this kind cannot be served here",
    },
  },
  {
    at: 4,
    bytes: "TFL3",
    look: {
      seems: "a TensorFlow Lite model",
      upload: "convert it with tf2onnx --tflite and upload that .onnx file",
    },
  },
  {
    at: 0,
    bytes: "%PDF",
    look: { seems: "a PDF document", upload: "upload the .onnx file of a model" },
  },
];

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** Throws OnnxError for bytes that are plainly not an ONNX file: an empty file, a Git LFS pointer, ONNX Runtime's own format. */
export function refuseOtherFormats(bytes: Uint8Array): void {
  if (bytes.length === 0) {
    throw new OnnxError(
      "empty_file",
      "The file is empty (0 bytes). Export or download the model again, and upload that file.",
    );
  }
  if (startsWith(bytes, 4, "ORTM")) {
    throw new OnnxError(
      "ort_format",
      "This is an .ort file, ONNX Runtime's own format, which only the version that wrote it reads safely. Upload the .onnx file it was made from.",
    );
  }
  if (startsWith(bytes, 0, "version https://git-lfs")) {
    throw new OnnxError(
      "git_lfs_pointer",
      "This is a Git LFS pointer, a small text that stands for the model, not the model. Run `git lfs pull` in the repository (or download the file from its page) and upload the real .onnx file.",
    );
  }
}

/** What bytes that could not be read as ONNX seem to be, as an OnnxError; null when they look like nothing known. */
export function explainForeignFile(bytes: Uint8Array): OnnxError | null {
  const look =
    MAGIC.find(({ at, bytes: magic }) => startsWith(bytes, at, magic))?.look ?? pickleLook(bytes) ?? textLook(bytes);
  if (!look) return null;
  return new OnnxError(
    "not_onnx",
    `This is not an ONNX model: it seems to be ${look.seems}. To use it here, ${look.upload}.`,
  );
}

function pickleLook(bytes: Uint8Array): Look | null {
  const protocol = bytes[1] ?? 0;
  if (bytes[0] !== 0x80 || protocol < 2 || protocol > 5) return null;
  return { seems: "a Python pickle or joblib file", upload: SKL2ONNX };
}

function textLook(bytes: Uint8Array): Look | null {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  if (sample.some((byte) => byte === 0x7f || (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13))) return null;
  const text = lenientUtf8(sample)
    .replace(/^\uFEFF/, "")
    .trimStart();
  if (/^<(!doctype html|html)/i.test(text)) {
    return {
      seems: "a web page",
      upload: "download the file itself (on GitHub: the Raw button) and upload it",
    };
  }
  if (text.startsWith("<") && text.includes("PMML")) return { seems: "a PMML model", upload: SKL2ONNX };
  if (text.startsWith("tree\n") || text.startsWith("tree\r\n"))
    return { seems: "a LightGBM text model", upload: SKL2ONNX };
  if (text.startsWith("{") || text.startsWith("["))
    return { seems: "JSON (XGBoost saves models so)", upload: SKL2ONNX };
  const [first = "", second = ""] = text.split(/\r?\n/);
  const separator = [",", ";", "\t"].find((char) => first.includes(char) && second.includes(char));
  if (separator) {
    return {
      seems: "a CSV file",
      upload: "upload the .onnx file of a model; training data goes to the experiment's version",
    };
  }
  return { seems: "a text file", upload: "upload the .onnx file that the exporter wrote" };
}
