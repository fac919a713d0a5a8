import type { Sql } from "postgres";
import { DeliveryError } from "../delivery/delivery-error.ts";
import type { OpenedDatabase } from "./connection-input.ts";
import { PostgresSocket } from "./postgres-socket.ts";
import { postgresError, type PostgresStage } from "./postgres-error.ts";
import { TIME_LIMITS, type TimeLimits } from "./time-limits.ts";

/** Rows of a statement's answer. */
export type PostgresRow = Record<string, unknown>;

/** Runs one statement with its parameters (`$1`, ...) in the session's transaction. */
export type RunStatement = (text: string, parameters?: readonly (string | number | null)[]) => Promise<PostgresRow[]>;

// Beyond what the server itself is told, so that its own answer comes first.
const CLIENT_GRACE_MS = 5_000;

/**
 * Runs `use` in one transaction of a session of its own: committed when it returns, rolled back when it throws or the connection is lost.
 * Each statement has `statementMs`, also on a server that has gone silent. Everything that goes wrong is thrown as DeliveryError.
 */
export async function inPostgres<T>(
  connection: OpenedDatabase,
  use: (run: RunStatement) => Promise<T>,
  { limits = TIME_LIMITS, readOnly = false }: { limits?: TimeLimits; readOnly?: boolean } = {},
): Promise<T> {
  const watch = new Watch(connection);
  let stage: PostgresStage = "connecting";
  const sql = await openPostgresClient(connection, limits, { onLost: (error) => watch.lose(error) });
  try {
    const work = sql.begin(readOnly ? "read only" : "", async (transaction) => {
      const run: RunStatement = (text, parameters = []) =>
        watch.during(limits.statementMs + CLIENT_GRACE_MS, async () => [
          ...(await transaction.unsafe<PostgresRow[]>(text, [...parameters], { prepare: parameters.length > 0 })),
        ]);
      await run(
        `select set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true), set_config('idle_in_transaction_session_timeout', '300000', true)`,
        [String(limits.statementMs)],
      );
      stage = "working";
      const result = await use(run);
      // The commit is the driver's: it is watched until `begin` is over.
      watch.start(limits.statementMs + CLIENT_GRACE_MS);
      return result;
    });
    return (await Promise.race([work, watch.expired(limits.connectMs + CLIENT_GRACE_MS)])) as T;
  } catch (error) {
    throw postgresError(error, connection, stage);
  } finally {
    watch.close();
    await sql.end({ timeout: 0 });
  }
}

/** A client with one connection, which it does not open again when it is lost; a transaction of the driver may then wait for ever. */
export async function openPostgresClient(
  connection: OpenedDatabase,
  limits: Pick<TimeLimits, "connectMs">,
  { parameters = {}, onLost }: { parameters?: Record<string, string | number>; onLost?: (error: unknown) => void } = {},
): Promise<Sql> {
  const { host, port, database, user } = connection.settings;
  // Loaded when it is first needed: a prediction should not pay for it.
  const { default: postgres } = await import("postgres");
  const options = {
    host,
    port,
    database,
    user,
    password: connection.secret.password,
    // The socket encrypts.
    ssl: false,
    socket: () => new PostgresSocket(connection.settings, onLost),
    max: 1,
    connect_timeout: limits.connectMs / 1_000,
    fetch_types: false,
    connection: { application_name: "tiltyard", ...parameters },
    onnotice: () => undefined,
  } as const;
  return postgres(options);
}

/** Notices a server that does not answer, and a connection that is lost: the driver itself waits for ever. */
class Watch {
  readonly #connection: OpenedDatabase;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(connection: OpenedDatabase) {
    this.#connection = connection;
  }

  /**
   * Rejects when a watched time is over or the connection is lost, and never resolves; until something else is watched, that is
   * `firstMs`.
   */
  expired(firstMs: number): Promise<never> {
    const expired = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    this.start(firstMs);
    return expired;
  }

  start(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const { host, port } = this.#connection.settings;
      const message = `${host}:${port} has stopped answering. Check that the database is up and not overloaded.`;
      this.#reject(new DeliveryError("timeout", message, true));
    }, ms);
  }

  async during<T>(ms: number, statement: () => Promise<T>): Promise<T> {
    this.start(ms);
    try {
      return await statement();
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** What the server has said last comes first. */
  lose(error: unknown): void {
    setTimeout(() => this.#reject(error), 0);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
