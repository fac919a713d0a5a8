import { excerpt } from "../delivery/delivery-error.ts";
import { SourceError } from "./source-error.ts";
import { messageOf } from "../../lib/message-of.ts";

/** Without further rows for so long, a database is taken for dead. */
export const STATEMENT_TIMEOUT_MS = 600_000;

// Classes of SQLSTATE after which the same query may work: lost connection, shutdown, conflict, no room.
const PASSING = /^(08|57P|40|53|HYT)/;
// Classes for who may not sign in, and for a database that there is not.
const SIGN_IN = /^(28|3D)/;

// When a statement has taken too long: query_canceled of PostgreSQL, which is also what somebody else may do to it; ER_QUERY_TIMEOUT of
// MySQL, ER_STATEMENT_TIMEOUT of MariaDB.
const CANCELED = "57014";
const TIMEOUTS = new Set([3024, 1969]);

/**
 * What is thrown for what a database or its driver has thrown while a query was read: a SourceError with the sentence for it, or the reason
 * why nobody wants the rows any more.
 */
export function queryError(error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof SourceError) return error;
  if (signal?.aborted) return signal.reason;
  const reason = excerpt(messageOf(error));
  const state = sqlState(error);
  // What no server has said, the driver or the network has.
  if (state === null || PASSING.test(state)) {
    const message = `The database of the query could not be reached or broke off: ${reason}. Look whether it runs, and try again.`;
    return new SourceError("query_unreachable", message, true, { cause: error });
  }
  if (state === CANCELED || isTimeout(error)) return stoppedQuery(reason, error);
  const cure = SIGN_IN.test(state)
    ? "Look at the connection of the source: its user, password and database."
    : "Correct the SQL of the source, or what its user may read.";
  return new SourceError("query_refused", `The database refused the query: ${reason}. ${cure}`, false, {
    cause: error,
  });
}

function stoppedQuery(reason: string, cause: unknown): SourceError {
  if (!/user request/i.test(reason)) return slowQuery(STATEMENT_TIMEOUT_MS, { cause });
  const message = `Somebody ended the query in the database: ${reason}. Ask there why, and try again.`;
  return new SourceError("query_ended", message, false, { cause });
}

/** The refusal of a query that gave no rows for so long, ms. */
export function slowQuery(limitMs: number, options?: ErrorOptions): SourceError {
  const limit = limitMs < 60_000 ? `${limitMs / 1_000} seconds` : `${Math.round(limitMs / 60_000)} minutes`;
  const message = `The query took longer than ${limit} to give its next rows. Make it faster, by an index or a table that is prepared beforehand.`;
  return new SourceError("query_slow", message, false, options);
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "errno" in error && TIMEOUTS.has(Number(error.errno));
}

/** The five characters by which a server says what is wrong: drivers keep them in different places. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const state: unknown = "sqlState" in error ? error.sqlState : "code" in error ? error.code : null;
  return typeof state === "string" && /^[0-9A-Z]{5}$/.test(state) ? state : null;
}

export function noRows(): SourceError {
  return new SourceError(
    "query_empty",
    "The query gave no rows, so there is nothing to predict. Give a SELECT that finds some.",
  );
}

/** The refusal of a procedure that answers with more than one table. */
export function severalTables(): SourceError {
  return new SourceError("query_refused", "The query gives more than one table. Give a SELECT, which gives one.");
}
