/** What became known of a row after it was predicted: a number of a regression, else a label. */
export type Actual = number | string;

export interface SentActual {
  segment: number;
  index: number;
  actual: Actual;
  /** Place among the actuals that came with it. */
  position: number;
}

/** An actual as it is kept. */
export interface StoredActual {
  actual: Actual;
  /** When one was first sent for the row, UTC ms, and its place among those that came with it: the order of labels. */
  arrivedAt: number;
  position: number;
}

type Body = Record<string, [actual: Actual, arrivedAt: number, position: number]>;

/** The actuals of one host's records, a row of storage for each segment, because they come in numbers as records do. */
export class ActualsLog {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Keeps actuals of records that exist. The last one sent for a row wins; its place in the order of labels is that of the first. */
  put(sent: readonly SentActual[], arrivedAt: number): void {
    const bySegment = Map.groupBy(sent, ({ segment }) => segment);
    this.#storage.transactionSync(() => {
      for (const [segment, actuals] of bySegment) {
        const body = this.#body(segment);
        for (const { index, actual, position } of actuals) {
          const [, firstAt, firstPosition] = body[index] ?? [actual, arrivedAt, position];
          body[index] = [actual, firstAt, firstPosition];
        }
        this.#storage.sql.exec(
          `insert into actuals (segment, body) values (?, ?)
           on conflict (segment) do update set body = excluded.body`,
          segment,
          JSON.stringify(body),
        );
      }
    });
  }

  /** The actuals of a segment, by index. */
  read(segment: number): Map<number, StoredActual> {
    return new Map(
      Object.entries(this.#body(segment)).map(([index, [actual, arrivedAt, position]]) => [
        Number(index),
        { actual, arrivedAt, position },
      ]),
    );
  }

  /** The segments that have actuals, newest first. */
  segments(): number[] {
    return this.#storage.sql
      .exec<{ segment: number }>("select segment from actuals order by segment desc")
      .toArray()
      .map(({ segment }) => segment);
  }

  #body(segment: number): Body {
    const [row] = this.#storage.sql.exec<{ body: string }>("select body from actuals where segment = ?", segment);
    return row ? (JSON.parse(row.body) as Body) : {};
  }
}
