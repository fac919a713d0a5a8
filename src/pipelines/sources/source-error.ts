/** The rows of a source cannot be had. `message` is a sentence that says what to do; `isRetryable`: it may work in a while without that. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code: string;
  readonly isRetryable: boolean;

  constructor(code: string, message: string, isRetryable = false, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.isRetryable = isRetryable;
  }
}

/** True for a SourceError, also for one that came over RPC, where the class is lost. */
export function isSourceError(error: unknown): error is SourceError {
  return error instanceof Error && error.name === "SourceError" && "code" in error && "isRetryable" in error;
}
