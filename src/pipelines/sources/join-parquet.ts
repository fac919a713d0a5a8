import { openParquet, type ParquetFile, storedFile } from "./parquet-file.ts";
import { placesIn } from "./same-columns.ts";
import { isSourceError, SourceError } from "./source-error.ts";
import type { SourceType } from "./source-type.ts";

/** A file that is put into the store when its turn comes. */
export interface KeptFile {
  name: string;
  /** Brings it under the key; false where it is empty. */
  keep: (key: string) => Promise<boolean>;
}

/** Rows of several Parquet files, as one table. */
export interface JoinedRows {
  columns: string[];
  /** What all files declare of each column, null where they differ: known when the rows have been read. */
  types: (SourceType | null)[];
  batches: AsyncGenerator<(string | null)[][], void, undefined>;
}

/**
 * Several Parquet files as one: the columns of the first, and the rows of all in order, whatever the order of columns in each; empty
 * files are passed over. One at a time lies under `key`. Throws SourceError naming the file that cannot be read or has other columns.
 */
export async function joinParquet(store: R2Bucket, key: string, files: readonly KeptFile[]): Promise<JoinedRows> {
  const waiting = [...files];
  const next = async (): Promise<(ParquetFile & { name: string }) | null> => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const { name } = file;
      if (!(await file.keep(key))) continue;
      const stored = await storedFile(store, key);
      if (!stored) throw new SourceError("source_gone", `${name} is no longer in the store. Start a new run.`);
      return { name, ...(await named(name, openParquet(stored))) };
    }
    return null;
  };
  const first = await next();
  if (!first)
    throw new SourceError("objects_empty", "All objects of the source are empty, so there is nothing to predict.");
  const types = [...first.types];
  async function* batches(from: ParquetFile & { name: string }): AsyncGenerator<(string | null)[][], void, undefined> {
    for (let file: (ParquetFile & { name: string }) | null = from; file; file = await next()) {
      const places = placesIn(from, file);
      for (const [index, type] of types.entries())
        if (JSON.stringify(file.types[places?.[index] ?? index]) !== JSON.stringify(type)) types[index] = null;
      for await (const rows of file.batches())
        yield places ? rows.map((row) => places.map((place) => row[place] ?? null)) : rows;
    }
    await store.delete(key);
  }
  return { columns: first.columns, types, batches: batches(first) };
}

async function named<T>(name: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!isSourceError(error)) throw error;
    throw new SourceError(error.code, `${name}: ${error.message}`, error.isRetryable, { cause: error });
  }
}
