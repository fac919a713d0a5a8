import type { Connection } from "mysql2";
import type { OpenedDatabase } from "./connection-input.ts";
import { upgradeByRuntime } from "./mysql-tls.ts";

/**
 * A connection that opens with its first statement, which hears of what goes wrong then; one that does not open within `connectMs` is
 * given up.
 */
export async function connectMysql({ settings, secret }: OpenedDatabase, connectMs: number): Promise<Connection> {
  const { host, port, database, user, tls } = settings;
  // Loaded when it is first needed: a prediction should not pay for it.
  const { createConnection } = await import("mysql2");
  const connection = createConnection({
    host,
    port,
    database,
    user,
    password: secret.password,
    ...(tls && { ssl: {} }),
    connectTimeout: connectMs,
    charset: "utf8mb4",
    timezone: "Z",
    // The runtime makes no code from texts. One statement a query: none can end the transaction.
    disableEval: true,
    multipleStatements: false,
  });
  if (tls) upgradeByRuntime(connection, host);
  // Without a listener, an error between two statements would end the Worker; the next statement reports it.
  connection.on("error", () => undefined);
  return connection;
}
