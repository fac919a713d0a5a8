import { formatBytes, formatCount, plural } from "../../lib/format.ts";
import { type Column, Table } from "../../ui/table.tsx";
import type { Run } from "../../pipelines/runs/queries.ts";
import { RUN_FILES, type RunFile } from "../../pipelines/runs/run-files.ts";

/** Where a file of a run is downloaded. */
export function filePath({ id }: Pick<Run, "id">, file: RunFile, format: "csv" | "parquet"): string {
  return `/api/v1/runs/${id}/files/${file}?format=${format}`;
}

const FILE_WORDS: Record<RunFile, { name: string; holds: string }> = {
  main: { name: "Main", holds: "All columns of the source, then the main model's answers" },
  challenger: { name: "Challenger", holds: "The same rows with the challenger's answers" },
  errors: { name: "Errors", holds: "Rows that could not be predicted, each with its line and the reason" },
};

interface FileLine {
  file: RunFile;
  rows: number;
  bytes: number;
}

/** The files of a run with what they hold and how large they are. */
export function FilesTable({ run }: { run: Run }) {
  return <Table caption="Files of the run" rows={filesOf(run)} columns={columnsOf(run)} />;
}

function columnsOf(run: Run): Column<FileLine>[] {
  return [
    {
      key: "file",
      header: "File",
      primary: true,
      cell: ({ file }) => (
        <>
          {FILE_WORDS[file].name}
          <span class="cell-note">{FILE_WORDS[file].holds}</span>
        </>
      ),
    },
    { key: "rows", header: "Rows", align: "end", cell: ({ rows }) => formatCount(rows) },
    { key: "size", header: "Size of the CSV", align: "end", cell: ({ bytes }) => formatBytes(bytes) },
    {
      key: "download",
      header: "Download",
      cell: ({ file }) => (
        <span class="cluster">
          <a href={filePath(run, file, "csv")} download>
            CSV<span class="visually-hidden"> of {FILE_WORDS[file].name}</span>
          </a>
          <a href={filePath(run, file, "parquet")} download>
            Parquet<span class="visually-hidden"> of {FILE_WORDS[file].name}</span>
          </a>
        </span>
      ),
    },
  ];
}

/** Links to the CSV files of a run, in a cell of a list. */
export function FileLinks({ run }: { run: Run }) {
  const files = filesOf(run);
  if (files.length === 0) return <span class="muted">–</span>;
  return (
    <span>
      {files.map(({ file, rows, bytes }, index) => (
        <>
          {index > 0 && " "}
          <a href={filePath(run, file, "csv")} download title={`CSV, ${plural(rows, "row")}, ${formatBytes(bytes)}`}>
            {FILE_WORDS[file].name}
          </a>
        </>
      ))}
    </span>
  );
}

function filesOf({ files }: Run): FileLine[] {
  return RUN_FILES.flatMap((file) => {
    const found = files?.[file];
    return found ? [{ file, ...found }] : [];
  });
}
