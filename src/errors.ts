/** Every stable code that an answer may carry, with its status. `code` is the contract; texts may change. */
export const STATUS_OF_CODE = {
  malformed: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  invalid_input: 422,
  model_refused: 422,
  model_load: 422,
  model_memory: 422,
  model_run: 422,
  rate_limited: 429,
  internal: 500,
  not_running: 503,
} as const;

export type ErrorCode = keyof typeof STATUS_OF_CODE;

/** One thing that is wrong with the input: `path` says where, as in `rows[3].age` or `file`. */
export interface FieldError {
  path: string;
  message: string;
}

export interface AppErrorDetails {
  errors?: FieldError[];
  /** Seconds after which trying again makes sense: becomes Retry-After. */
  retryAfterSeconds?: number;
  /** The methods that an address has: becomes Allow. */
  allow?: string[];
  /** What there is not was asked for without a credential: programs are told the same as where one would help. */
  askedByNobody?: true;
  /** Further members of the problem document, such as the report of a refused model. */
  extra?: Record<string, unknown>;
}

/** A refusal that the caller is meant to read: `message` names the cause and what to change, nothing about the inside. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: AppErrorDetails;

  constructor(code: ErrorCode, message: string, details: AppErrorDetails = {}) {
    super(message);
    this.name = "AppError";
    this.code = code;
    this.details = details;
  }
}

/** What a program is told that calls without a credential. */
export const CREDENTIAL_NEEDED = "Sign in, or send a personal token or an API key as `Authorization: Bearer <token>`.";

/** 422 for one field of the input: `message` is the answer's, and the field's too unless `ofField` says it shorter. */
export function invalid(path: string, message: string, ofField = message): AppError {
  return new AppError("invalid_input", message, { errors: [{ path, message: ofField }] });
}

/** True for an AppError, also for one that came over RPC: there the class is lost, while name, code and message are kept. */
export function isAppError(error: unknown): error is Pick<AppError, "code" | "message" | "details"> {
  return (
    error instanceof Error &&
    error.name === "AppError" &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code in STATUS_OF_CODE
  );
}
