import { slowQuery } from "./query-error.ts";

/** How long a query may go on. */
export interface QueryLimits {
  /** Without further rows, ms: then the database is taken for dead. */
  statementMs: number;
  /** Aborted when nobody wants the rows any more. */
  signal?: AbortSignal | undefined;
}

/** Waits for what a database does, no longer than is allowed; then throws, and it is for the caller to end the connection. */
export function within<T>({ statementMs, signal }: QueryLimits, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal));
    const timer = setTimeout(() => finish(() => reject(slowQuery(statementMs))), statementMs);
    const abort = () => finish(() => reject(reasonOf(signal)));
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      settle();
    };
    signal?.addEventListener("abort", abort);
    work().then(
      (done) => finish(() => resolve(done)),
      (error: unknown) => finish(() => reject(toError(error))),
    );
  });
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return toError(signal?.reason);
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
