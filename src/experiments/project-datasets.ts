import type { Caller } from "../access/caller.ts";
import type { Database } from "../db.ts";

/** A dataset as a form offers it. */
export interface OfferedDataset {
  id: string;
  name: string;
  rows: number | null;
}

/** A dataset that somebody named, and the field of the input in which they did. */
export interface NamedDataset {
  id: string;
  field: string;
}

/** The datasets of projects, as training data. They belong to a folder that builds on this one, so that src/app.tsx hands them in. */
export interface ProjectDatasets {
  /** Those of a project that may be training data, newest first, at most 500; for its viewers. */
  offered: (db: Database, caller: Caller, projectId: string) => Promise<OfferedDataset[]>;
  /**
   * The file of a dataset of the project, as CSV. Asks for no right. 422 at the field where the project has no such dataset or it
   * cannot be read, 409 while it is not whole, 413 `too_large` where it has more than `bytesMax` as CSV.
   */
  readCsv: (
    ports: { db: Database; store: R2Bucket },
    projectId: string,
    dataset: NamedDataset,
    bytesMax: number,
  ) => Promise<Uint8Array>;
}
