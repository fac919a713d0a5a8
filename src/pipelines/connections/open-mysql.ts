import type { Connection } from "mysql2/promise";
import { connectMysql } from "./connect-mysql.ts";
import type { OpenedDatabase } from "./connection-input.ts";
import { mysqlError, type MysqlStage } from "./mysql-error.ts";
import { TIME_LIMITS, type TimeLimits } from "./time-limits.ts";

export type MysqlRow = Record<string, unknown>;

export interface MysqlSession {
  /** Runs one statement; `?` in it take the parameters, if there are any. */
  run: (text: string, parameters?: readonly (string | number | null)[]) => Promise<MysqlRow[]>;
  /** A text as a literal of a statement, quoted for this session. */
  literal: (text: string) => string;
}

/**
 * Runs `use` in a session of its own on MySQL or MariaDB. The connection is closed afterwards, whatever happened: what was not committed is
 * rolled back. Everything that goes wrong is thrown as DeliveryError.
 */
export async function inMysql<T>(
  connection: OpenedDatabase,
  use: (session: MysqlSession) => Promise<T>,
  limits: TimeLimits = TIME_LIMITS,
): Promise<T> {
  let client: Connection | undefined;
  let stage: MysqlStage = "connecting";
  try {
    client = await connect(connection, limits);
    stage = "working";
    const session = sessionOf(client, limits);
    // The literals of statements are written for these modes; strict ones refuse what would be cut or changed.
    await session.run("set session sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'");
    await session.run(
      `set session innodb_lock_wait_timeout = ${Math.max(1, Math.floor(limits.statementMs / 1_000) - 5)}`,
    );
    const result = await use(session);
    await client.end();
    return result;
  } catch (error) {
    throw mysqlError(error, connection, stage);
  } finally {
    client?.destroy();
  }
}

async function connect(connection: OpenedDatabase, { connectMs }: TimeLimits): Promise<Connection> {
  const core = await connectMysql(connection, connectMs);
  const client = core.promise();
  try {
    await client.connect();
    return client;
  } catch (error) {
    core.destroy();
    throw error;
  }
}

function sessionOf(client: Connection, { statementMs }: TimeLimits): MysqlSession {
  return {
    async run(sql, parameters = []) {
      const [rows] = await client.query({ sql, values: [...parameters], timeout: statementMs });
      return Array.isArray(rows) ? (rows as MysqlRow[]) : [];
    },
    literal: (text) => client.escape(text),
  };
}
