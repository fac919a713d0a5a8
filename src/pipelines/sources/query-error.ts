import { quoted } from "../delivery/delivery-error.ts";
import { SourceError } from "./source-error.ts";

// Classes of SQLSTATE after which the same query may work: lost connection, shutdown, conflict, no room.
const PASSING = /^(08|57P|40|53|HYT)/;
// Classes for who may not sign in, and for a database that there is not.
const SIGN_IN = /^(28|3D)/;

/** The sentence for what a database or its driver has thrown while a query was read. */
export function queryError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const reason = quoted(error instanceof Error ? error.message : String(error));
  const state = sqlState(error);
  // What no server has said, the driver or the network has.
  if (state === null || PASSING.test(state)) {
    const message = `The database of the query could not be reached or broke off: ${reason}. Look whether it runs, and try again.`;
    return new SourceError("query_unreachable", message, true, { cause: error });
  }
  const cure = SIGN_IN.test(state)
    ? "Look at the connection of the source: its user, password and database."
    : "Correct the SQL of the source, or what its user may read.";
  return new SourceError("query_refused", `The database refused the query: ${reason}. ${cure}`, false, {
    cause: error,
  });
}

/** The five characters by which a server says what is wrong: drivers keep them in different places. */
function sqlState(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const state: unknown = "sqlState" in error ? error.sqlState : "code" in error ? error.code : null;
  return typeof state === "string" && /^[0-9A-Z]{5}$/.test(state) ? state : null;
}

export function noRows(): SourceError {
  return new SourceError("query_empty", "The query gave no rows, so there is nothing to predict.");
}
