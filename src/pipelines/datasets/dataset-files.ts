/** Where the files of datasets lie in R2. Everything of one lies under one prefix, so that removal finds it all. */
export function datasetPrefix(datasetId: string): string {
  return `datasets/${datasetId}/`;
}

/** The file as it was uploaded. */
export function fileKey(datasetId: string): string {
  return `datasets/${datasetId}/file`;
}

/** A part of an upload that is too small to be one of R2's. */
export function partKey(datasetId: string, part: number): string {
  return `datasets/${datasetId}/parts/${part}`;
}

/** Where the rows of a CSV lie (CsvLayout), noted when it was read. */
export function datasetLayoutKey(datasetId: string): string {
  return `datasets/${datasetId}/layout.json`;
}

/** How often reading the file has begun. */
export function attemptsKey(datasetId: string): string {
  return `datasets/${datasetId}/attempts`;
}
