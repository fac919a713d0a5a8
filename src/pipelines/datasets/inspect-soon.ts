import type { Database } from "../../db.ts";
import { inspectDataset } from "./inspect-dataset.ts";
import { type DatasetRow, readDataset } from "./queries.ts";

/** Most files are read within it; who uploads by hand then sees the end at once. */
const PATIENCE_MS = 8_000;

/** The dataset once its file has been read, or as it stands after 8 s: reading goes on in any case, for as long as `waitUntil` lets it. */
export async function inspectSoon(
  { store, db }: { store: R2Bucket; db: Database },
  waitUntil: (work: Promise<unknown>) => void,
  dataset: DatasetRow,
): Promise<DatasetRow> {
  const reading = inspectDataset({ store, db }, dataset.id);
  waitUntil(reading);
  await Promise.race([reading, scheduler.wait(PATIENCE_MS)]);
  return (await readDataset(db, dataset.id)) ?? dataset;
}
