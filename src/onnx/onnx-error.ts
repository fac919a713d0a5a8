export type OnnxErrorCode =
  | "empty_file"
  | "not_onnx"
  | "ort_format"
  | "git_lfs_pointer"
  | "truncated_or_damaged"
  | "too_complex"
  | "external_data_missing"
  | "external_data_path"
  | "external_data_range"
  | "sequence_consumed"
  | "no_tensor_output";

/** The file cannot be used. `message` is a plain sentence for the person who uploaded it: cause and cure. */
export class OnnxError extends Error {
  override readonly name = "OnnxError";
  readonly code: OnnxErrorCode;

  constructor(code: OnnxErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
