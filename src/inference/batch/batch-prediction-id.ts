/** The id of a row of a batch run: of the run, and the place of the row among those of the source, from 0. To callers it is opaque. */
export function batchPredictionId(runId: string, row: number): string {
  return `b${runId.slice(RUN_PREFIX.length)}-${row.toString(36)}`;
}

/** The run and row that an id names; null when it is none of a batch run's. */
export function parseBatchPredictionId(id: string): { runId: string; row: number } | null {
  const match = /^b([0-9a-z]{20})-([0-9a-z]{1,9})$/.exec(id);
  const [, run, row] = match ?? [];
  return run !== undefined && row !== undefined
    ? { runId: `${RUN_PREFIX}${run}`, row: Number.parseInt(row, 36) }
    : null;
}

const RUN_PREFIX = "run_";
