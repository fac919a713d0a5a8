import { DurableObject } from "cloudflare:workers";
import { runStorageSteps, type StorageStep } from "../../lib/storage-steps.ts";
import { DAY_MS } from "../../lib/time.ts";

/** How long a key answers for its call. */
const KEEP_MS = DAY_MS;
/** A call that was begun and never settled is taken to have died with its Worker. */
const OPEN_MS_MAX = 60_000;
/** Rows of storage hold 2 MB; longer answers lie in several. */
const CHUNK_LENGTH = 500_000;

/** The storage of an IdempotencyLedger. Append-only. `if not exists`: the first version made both at each start and stored no steps. */
export const LEDGER_STORAGE_STEPS: readonly StorageStep[] = [
  {
    id: "create-calls",
    sql: `create table if not exists calls (
      key text primary key, body_hash text not null, begun_at integer not null, settled_at integer
    )`,
  },
  {
    id: "create-answers",
    sql: `create table if not exists answers (
      key text not null, part integer not null, body text not null, primary key (key, part)
    ) without rowid`,
  },
];

/** What a key stands for: `begin` means that the caller is to predict and then settle. */
export type Claim =
  | { state: "begin" }
  | { state: "settled"; body: string }
  | { state: "other_body" }
  | { state: "open" };

/**
 * Which calls with an Idempotency-Key have been answered, and how. It belongs to a deployment, not to a version:
 * the answer stays the same while models are replaced.
 */
export class IdempotencyLedger extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    runStorageSteps(ctx.storage, LEDGER_STORAGE_STEPS);
  }

  /** Claims a key for a call. Repeating is safe: one caller is told to begin, the others to wait or what was answered. */
  async claim(key: string, bodyHash: string, nowMs: number): Promise<Claim> {
    const { sql } = this.ctx.storage;
    const [call] = sql.exec<CallRow>("select body_hash, begun_at, settled_at from calls where key = ?", key);
    const isStale =
      call && nowMs - (call.settled_at ?? call.begun_at) > (call.settled_at === null ? OPEN_MS_MAX : KEEP_MS);
    if (call && !isStale) {
      if (call.body_hash !== bodyHash) return { state: "other_body" };
      return call.settled_at === null ? { state: "open" } : { state: "settled", body: this.#answer(key) };
    }
    this.#forget(key);
    sql.exec("insert into calls (key, body_hash, begun_at) values (?, ?, ?)", key, bodyHash, nowMs);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(nowMs + KEEP_MS);
    return { state: "begin" };
  }

  /** Keeps the answer of a claimed call. */
  settle(key: string, body: string, nowMs: number): void {
    const { sql } = this.ctx.storage;
    this.ctx.storage.transactionSync(() => {
      for (let part = 0; part * CHUNK_LENGTH < body.length; part += 1) {
        sql.exec(
          "insert or replace into answers (key, part, body) values (?, ?, ?)",
          key,
          part,
          body.slice(part * CHUNK_LENGTH, (part + 1) * CHUNK_LENGTH),
        );
      }
      sql.exec("update calls set settled_at = ? where key = ?", nowMs, key);
    });
  }

  /** Gives a key back whose call was refused: nothing was recorded, so it may be used for a corrected one. */
  release(key: string): void {
    this.#forget(key);
  }

  /** Forgets everything: part of the removal of a deployment. */
  async destroy(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  override async alarm(): Promise<void> {
    const nowMs = Date.now();
    const { sql } = this.ctx.storage;
    const old = sql
      .exec<{ key: string }>("select key from calls where coalesce(settled_at, begun_at) <= ?", nowMs - KEEP_MS)
      .toArray();
    for (const { key } of old) this.#forget(key);
    const left = sql.exec<{ count: number }>("select count(*) as count from calls").one().count;
    if (left > 0) await this.ctx.storage.setAlarm(nowMs + KEEP_MS / 24);
  }

  #answer(key: string): string {
    return this.ctx.storage.sql
      .exec<{ body: string }>("select body from answers where key = ? order by part", key)
      .toArray()
      .map(({ body }) => body)
      .join("");
  }

  #forget(key: string): void {
    this.ctx.storage.sql.exec("delete from answers where key = ?", key);
    this.ctx.storage.sql.exec("delete from calls where key = ?", key);
  }
}

type CallRow = { body_hash: string; begun_at: number; settled_at: number | null };
