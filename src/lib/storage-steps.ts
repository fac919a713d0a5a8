/** One step of a Durable Object's storage. Its id is stored once it has run, so neither the id nor the SQL ever changes. */
export interface StorageStep {
  id: string;
  sql: string;
}

/**
 * Runs the steps that an object's storage has not run yet: all of them or, where one fails, none. Repeating is safe. Throws when the
 * steps that have run are not the first of the list, because nobody can tell then which tables the storage has.
 */
export function runStorageSteps(
  storage: Pick<DurableObjectStorage, "sql" | "transactionSync">,
  steps: readonly StorageStep[],
): void {
  const { sql } = storage;
  storage.transactionSync(() => {
    sql.exec("create table if not exists storage_steps (position integer primary key, id text not null unique)");
    adoptCounted(sql, steps);
    const done = sql.exec<{ id: string }>("select id from storage_steps order by position").toArray();
    done.forEach(({ id }, position) => requireStep(steps, position, id));
    steps.slice(done.length).forEach((step, index) => {
      sql.exec(step.sql);
      noteStep(sql, done.length + index, step.id);
    });
  });
}

function requireStep(steps: readonly StorageStep[], position: number, id: string): void {
  const step = steps[position];
  if (step?.id === id) return;
  const listed = step ? `the list has "${step.id}" there` : "the list ends before it";
  throw new Error(
    `Step ${position} of this object's storage was "${id}", and ${listed}. Storage steps are append-only: restore the list and add new steps at its end.`,
  );
}

/** The first version of hosts did not store ids: it counted the steps that had run, in a table of its own. */
function adoptCounted(sql: SqlStorage, steps: readonly StorageStep[]): void {
  const isCounted = sql.exec("select 1 from sqlite_master where type = 'table' and name = 'migrations'").toArray();
  if (isCounted.length === 0) return;
  const { count } = sql.exec<{ count: number }>("select count(*) as count from migrations").one();
  if (count > steps.length) throw new Error(`This object's storage has run ${count} steps, and the list has fewer.`);
  steps.slice(0, count).forEach(({ id }, position) => noteStep(sql, position, id));
  sql.exec("drop table migrations");
}

function noteStep(sql: SqlStorage, position: number, id: string): void {
  sql.exec("insert into storage_steps (position, id) values (?, ?)", position, id);
}
