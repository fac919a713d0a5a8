import { newId } from "../../lib/id.ts";
import type { VerbContext } from "../../verb-context.ts";
import { DeliveryError, isDeliveryError } from "../delivery/delivery-error.ts";
import { LEDGER_NAME } from "../delivery/table-name.ts";
import type { OpenedConnection, OpenedDatabase, OpenedHttp, OpenedS3 } from "./connection-input.ts";
import { openConnection } from "./open-connection.ts";
import { inMysql } from "./open-mysql.ts";
import { inPostgres } from "./open-postgres.ts";
import { postSigned } from "./post-signed.ts";
import { requireConnection } from "./queries.ts";
import { s3Client } from "./s3-client.ts";

/** `detail` is a sentence that says what was found and what to do. */
export interface ConnectionVerdict {
  ok: boolean;
  detail: string;
}

/** Tries a stored connection, for contributors of its project. */
export async function testStoredConnection(
  { env, db, caller, nowMs }: VerbContext,
  input: { connection: string },
): Promise<ConnectionVerdict> {
  const row = await requireConnection(db, caller, input.connection, "change");
  return verdictOf(async () => detailOf(await openConnection(env, row), nowMs));
}

/**
 * Signs in with a connection and looks whether it may write, without leaving anything behind; an http connection is sent an empty, signed
 * message with X-Tiltyard-Event: test. What is wrong is answered, not thrown.
 */
export function testConnection(connection: OpenedConnection, nowMs: number = Date.now()): Promise<ConnectionVerdict> {
  return verdictOf(() => detailOf(connection, nowMs));
}

async function verdictOf(detail: () => Promise<string>): Promise<ConnectionVerdict> {
  try {
    return { ok: true, detail: await detail() };
  } catch (error) {
    if (isDeliveryError(error)) return { ok: false, detail: error.message };
    throw error;
  }
}

async function detailOf(connection: OpenedConnection, nowMs: number): Promise<string> {
  switch (connection.kind) {
    case "postgres":
      return testPostgres(connection);
    case "mysql":
      return testMysql(connection);
    case "s3":
      return testS3(connection);
    case "http":
      return testHttp(connection, nowMs);
  }
}

async function testPostgres(connection: OpenedDatabase): Promise<string> {
  const { user, database } = connection.settings;
  const [found] = await inPostgres(connection, (run) =>
    run(`select current_schema() as schema, pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as read_only,
      coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create, split_part(version(), ' ', 2) as version`),
  );
  if (found?.["read_only"] === true)
    throw noRight(`${database} is read-only on this server. To deliver to it, give the address of the primary server.`);
  const schema = typeof found?.["schema"] === "string" ? found["schema"] : "public";
  if (found?.["may_create"] !== true)
    throw noRight(
      `Signed in, but ${user} has no right to create tables in ${database}: reading works, delivering does not. Grant create on the schema ${schema}.`,
    );
  return `Signed in to ${database} as ${user}, who may create tables (PostgreSQL ${String(found["version"])}).`;
}

// The server looks at the right to create before it misses the table that is to be copied.
const CREATE_NOTHING = `create table ${LEDGER_NAME}_test like ${LEDGER_NAME}_that_is_not_there`;

async function testMysql(connection: OpenedDatabase): Promise<string> {
  const { user, database } = connection.settings;
  return inMysql(connection, async ({ run }) => {
    const [found] = await run("select @@read_only as read_only, version() as version");
    const mayCreate = await run(CREATE_NOTHING).then(
      () => true,
      (error: unknown) => error instanceof Error && "errno" in error && error.errno === NO_SUCH_TABLE,
    );
    if (!mayCreate)
      throw noRight(
        `Signed in, but ${user} has no right to create tables in ${database}: reading works, delivering does not. Grant create, select, insert, update and delete.`,
      );
    if (Number(found?.["read_only"]) === 1)
      throw noRight(
        `${database} is read-only on this server. To deliver to it, give the address of the primary server.`,
      );
    return `Signed in to ${database} as ${user}, who may create tables (${String(found?.["version"])}).`;
  });
}

const NO_SUCH_TABLE = 1146;

async function testS3(connection: OpenedS3): Promise<string> {
  const call = s3Client(connection);
  const key = `tiltyard-test-${newId("key")}`;
  const written = await call({ method: "PUT", key, body: "Written and deleted by a test of the connection.\n" });
  await written.body?.cancel();
  if (written.headers.get("etag") === null)
    throw new DeliveryError(
      "refused",
      `${connection.settings.endpoint} answered, but not as an S3 store does. Check the endpoint.`,
    );
  try {
    await (await call({ method: "DELETE", key })).body?.cancel();
  } catch (error) {
    // Deliveries need no right to delete.
    if (!isDeliveryError(error) || error.code !== "no_right") throw error;
    return `An object was written to ${connection.settings.bucket}. It could not be deleted. Delete ${key} by hand.`;
  }
  return `An object was written to ${connection.settings.bucket} and deleted again.`;
}

async function testHttp(connection: OpenedHttp, nowMs: number): Promise<string> {
  await postSigned(connection, "", { "idempotency-key": newId("test"), "x-tiltyard-event": "test" }, nowMs);
  return `${new URL(connection.settings.url).host} accepted a signed message.`;
}

function noRight(message: string): DeliveryError {
  return new DeliveryError("no_right", message);
}
