import type { Caller } from "./access/caller.ts";
import { database, type Database } from "./db.ts";
import { type AppContext, originOf } from "./http.ts";

/**
 * What a verb knows of the call that it serves: `verb(context, input)`. Jobs that act for nobody call functions of their own;
 * what only reads takes the parts that it needs.
 */
export interface VerbContext {
  env: Env;
  db: Database;
  caller: Caller;
  nowMs: number;
  /** Under which the caller reached the instance: links begin with it. */
  origin: string;
}

/** The context of the request at hand. */
export function verbContext(c: AppContext): VerbContext {
  return { env: c.env, db: database(c.env), caller: c.var.caller, nowMs: Date.now(), origin: originOf(c) };
}
