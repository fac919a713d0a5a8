/**
 * Prints how often drift is seen where nothing has changed, and how often changes are found: with the product's own reading of a
 * reference, its counting and its judge. `node scripts/drift-error-rates.ts [--quick] [file.csv ...]`: without files on made columns,
 * with files on theirs: a file is halved at random, one half gives the reference, the other one disjoint windows.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Column } from "../src/engine/rows.ts";
import { inferSchema } from "../src/experiments/training/infer-schema.ts";
import { profileTable } from "../src/experiments/training/profile.ts";
import { cellAt } from "../src/experiments/training/training-columns.ts";
import { readTrainingTable } from "../src/experiments/training/training-table.ts";
import { normalDraw, seededRandom } from "../src/lib/seeded-random.ts";
import { judgeColumns } from "../src/monitoring/drift/judge-columns.ts";
import { overallState } from "../src/monitoring/drift/overall-state.ts";
import { columnFold } from "../src/windows/fold-column.ts";
import { referenceColumns } from "../src/windows/reference.ts";
import type { ReferenceColumn } from "../src/windows/reference-column.ts";
import { emptyTally } from "../src/windows/tally.ts";

type Cell = number | string | null;
type Random = () => number;
/** Draws a cell of a column. */
type Draw = (random: Random) => Cell;

const REFERENCE_ROWS = [500, 800, 5_000, 10_000];
const WINDOW_ROWS = [100, 500, 2_000];
const args = process.argv.slice(2);
const isQuick = args.includes("--quick");
const files = args.filter((arg) => !arg.startsWith("--"));
const REFERENCES = isQuick ? 6 : 20;
const WINDOWS_PER_REFERENCE = 5;

const t2: Draw = (random) => normalDraw(random) / Math.sqrt(-Math.log(1 - random()));
const among =
  (levels: number): Draw =>
  (random) =>
    `L${Math.floor(random() * levels)}`;
const yes =
  (share: number): Draw =>
  (random) =>
    random() < share ? "true" : "false";
const COLUMNS: Record<string, Draw> = {
  normal: normalDraw,
  lognormal: (random) => Math.exp(normalDraw(random)),
  t2,
  zero_inflated: (random) => (random() < 0.9 ? 0 : Math.exp(1.5 * normalDraw(random))),
  counts: (random) => poisson(random, 4),
  spikes: (random) => (random() < 0.3 ? ([1.5, 7, -3][Math.floor(random() * 3)] ?? 0) : 2 * normalDraw(random)),
  missing: (random) => (random() < 0.03 ? null : normalDraw(random)),
  five_levels: among(5),
  levels_300: among(300),
  levels_1000: among(1_000),
  yes_no: yes(0.5),
  rare_flag: yes(0.02),
};

/** One column is drawn otherwise; the others stay. */
const CHANGES: [name: string, column: string, Draw][] = [
  ["normal + 0.15 sd", "normal", (random) => normalDraw(random) + 0.15],
  ["normal + 0.3 sd", "normal", (random) => normalDraw(random) + 0.3],
  ["lognormal x 3", "lognormal", (random) => 3 * Math.exp(normalDraw(random))],
  ["t2 + 0.3", "t2", (random) => Number(t2(random)) + 0.3],
  ["yes 50 -> 58 %", "yes_no", yes(0.58)],
  ["yes 50 -> 62 %", "yes_no", yes(0.62)],
  ["flag 2 -> 5 %", "rare_flag", yes(0.05)],
  ["missing 0 -> 9 %", "normal", (random) => (random() < 0.09 ? null : normalDraw(random))],
  ["new level 2.5 %", "five_levels", (random) => (random() < 0.025 ? "new" : among(5)(random))],
  ["1,000 levels, half gone", "levels_1000", among(500)],
];

function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let product = random(); product > Math.exp(-mean); product *= random()) count += 1;
  return count;
}

/** What a file or the made columns give: a reference, and windows of rows that are not in it. */
interface Source {
  columns: ReferenceColumn[];
  window: (rows: number) => Map<string, Column> | null;
}

function madeSource(rows: number, random: Random, draws: Record<string, Draw>): Source {
  const names = Object.keys(COLUMNS);
  const lines = Array.from({ length: rows }, () => names.map((name) => COLUMNS[name]?.(random) ?? "").join(","));
  const columns = referenceOf([names.join(","), ...lines].join("\n"));
  const window = (size: number) =>
    new Map(
      columns.map((column) => {
        const draw = draws[column.name] ?? COLUMNS[column.name];
        return [
          column.name,
          asColumn(
            column,
            Array.from({ length: size }, () => draw?.(random) ?? null),
          ),
        ];
      }),
    );
  return { columns, window };
}

function fileSource(text: string, rows: number, random: Random): Source | null {
  const [header = "", ...lines] = text.split(/\r?\n/).filter((line) => line !== "");
  shuffle(lines, random);
  const half = Math.floor(lines.length / 2);
  if (half < rows) return null;
  const columns = referenceOf([header, ...lines.slice(0, rows)].join("\n"));
  const { schema } = inferSchema(bytesOf([header, ...lines.slice(0, rows)].join("\n")), null);
  const rest = readTrainingTable(bytesOf([header, ...lines.slice(half)].join("\n")), schema, { file: "holdout" });
  let next = 0;
  return {
    columns,
    window(size) {
      if (next + size > rest.rows) return null;
      const from = next;
      next += size;
      return new Map(
        rest.columns.map((of) => {
          const column = columns.find(({ name }) => name === of.name);
          const cells = Array.from({ length: size }, (_, row) => cellAt(of, from + row));
          return [
            of.name,
            column
              ? asColumn(
                  column,
                  cells.map((cell) => (typeof cell === "boolean" ? String(cell) : cell)),
                )
              : { numbers: new Float64Array() },
          ];
        }),
      );
    },
  };
}

function referenceOf(csv: string): ReferenceColumn[] {
  const bytes = bytesOf(csv);
  const { schema } = inferSchema(bytes, null);
  return referenceColumns(profileTable(readTrainingTable(bytes, schema)));
}

function asColumn({ kind }: ReferenceColumn, cells: readonly Cell[]): Column {
  return kind === "numeric"
    ? { numbers: Float64Array.from(cells, (cell) => (cell === null ? Number.NaN : Number(cell))) }
    : { texts: cells.map((cell) => (cell === null ? null : String(cell))) };
}

function judge(columns: readonly ReferenceColumn[], rows: ReadonlyMap<string, Column>) {
  return judgeColumns(
    columns.map((column) => {
      const current = emptyTally(column.binning);
      const values = rows.get(column.name);
      if (values) columnFold(column)(values, current);
      return { column, current };
    }),
    { preset: "tiltyard" },
  );
}

function shuffle<T>(items: T[], random: Random): void {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const item = items[last] as T;
    items[last] = items[other] as T;
    items[other] = item;
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function percent(count: number, of: number): string {
  return of === 0 ? "-" : `${((100 * count) / of).toFixed(1)} %`;
}

/** The share of windows without any change in which a column is seen as changed: drift, and anything but ok. */
function printCalm(name: string, sourceOf: (rows: number, random: Random) => Source | null): void {
  const table: Record<string, Record<string, string>> = {};
  const byColumn = new Map<string, number>();
  let all = 0;
  for (const referenceRows of REFERENCE_ROWS) {
    for (const size of WINDOW_ROWS) {
      const seen = { windows: 0, drift: 0, any: 0 };
      for (let reference = 0; reference < REFERENCES; reference += 1) {
        const source = sourceOf(referenceRows, seededRandom(reference * 7_919 + referenceRows + size));
        for (let window = 0; source && window < WINDOWS_PER_REFERENCE; window += 1) {
          const rows = source.window(size);
          if (!rows) break;
          const judged = judge(source.columns, rows);
          const state = overallState(judged);
          seen.windows += 1;
          all += 1;
          if (state === "drift" || state === "warning") seen.drift += 1;
          if (state !== "ok") seen.any += 1;
          judged.forEach((one, index) => {
            const column = source.columns[index]?.name ?? "";
            if (one.state !== "ok") byColumn.set(column, (byColumn.get(column) ?? 0) + 1);
          });
        }
      }
      if (seen.windows === 0) continue;
      const line = (table[`reference ${referenceRows}`] ??= {});
      line[`n = ${size}`] =
        `${percent(seen.drift, seen.windows)} / ${percent(seen.any, seen.windows)} of ${seen.windows}`;
    }
  }
  console.log(`\n${name}: windows without any change, drift / anything but ok, in any column`);
  console.table(table);
  console.log(
    "not ok by column:",
    [...byColumn].map(([column, count]) => `${column} ${percent(count, all)}`).join(", "),
  );
}

function printPower(): void {
  const table: Record<string, Record<string, string>> = {};
  for (const [name, changed, draw] of CHANGES) {
    const line: Record<string, string> = {};
    for (const [referenceRows, size] of [
      [800, 500],
      [5_000, 200],
      [5_000, 1_000],
      [5_000, 10_000],
    ] as const) {
      let [windows, drift, any] = [0, 0, 0];
      for (let reference = 0; reference < (isQuick ? 4 : 12); reference += 1) {
        const source = madeSource(referenceRows, seededRandom(reference * 104_729 + size), { [changed]: draw });
        for (let window = 0; window < WINDOWS_PER_REFERENCE; window += 1) {
          const rows = source.window(size);
          if (!rows) break;
          const judged = judge(source.columns, rows);
          const state = judged[source.columns.findIndex((column) => column.name === changed)]?.state;
          windows += 1;
          if (state === "drift") drift += 1;
          if (state !== "ok") any += 1;
        }
      }
      line[`${referenceRows}, n = ${size}`] = `${percent(drift, windows)} / ${percent(any, windows)}`;
    }
    table[name] = line;
  }
  console.log("\nChanges of one column among the others: found as drift / as anything but ok");
  console.table(table);
}

if (files.length === 0) {
  printCalm("made columns", (rows, random) => madeSource(rows, random, {}));
  printPower();
}
for (const file of files) {
  const text = readFileSync(file, "utf8");
  printCalm(basename(file), (rows, random) => fileSource(text, rows, random));
}
