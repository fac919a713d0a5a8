import { CellTally, type FeatureCells, type NotedCells } from "../../inference/batch/cell-tally.ts";
import type { ServingSpec } from "../../inference/spec/serving-spec.ts";
import { isNumberFeature } from "../../inference/spec/serving-spec.ts";
import type { FeatureReference } from "../../experiments/version-features.ts";
import { type NumberMarks, readNumber } from "../../lib/read-cell.ts";
import { formatCount, plural } from "../../lib/format.ts";
import type { RunWarning } from "../schema.ts";
import { SourceError } from "../sources/source-error.ts";
import type { Staged } from "../sources/staged.ts";
import { UNREADABLE } from "./run-failure.ts";

/** What was read of the cells of a run, from what was noted of its ranges. */
export function joinCells(ranges: readonly (readonly FeatureCells[])[]): FeatureCells[] {
  const tally = new CellTally();
  for (const cells of ranges) tally.add(cells);
  return tally.features;
}

/**
 * What is to be known of cells of the main model's features: those that could not be read, new categories, and numbers that are written
 * unusually.
 */
export function cellWarnings(
  cells: readonly FeatureCells[],
  staged: Pick<Staged, "columns" | "cells">,
  spec: Pick<ServingSpec, "features">,
): RunWarning[] {
  const noted = cells.flatMap(({ feature, noted: found }) => found.map((part) => cellWarning(feature, part)));
  return [...noted, ...numberWarnings(staged, spec)];
}

/** Numbers of the main model's features that are written in groups, or that may be read wrongly. */
export function numberWarnings(
  { columns, cells }: Pick<Staged, "columns" | "cells">,
  { features }: Pick<ServingSpec, "features">,
): RunWarning[] {
  const asked = features.filter((feature) => feature.mainTensors.length > 0 && isNumberFeature(feature));
  return asked.flatMap(({ name, summary: { reference } }): RunWarning[] => {
    const { marks, grouped, unclear, unsettled } = cells?.[columns.indexOf(name)] ?? {};
    const warnings: RunWarning[] = [];
    if (grouped) {
      const decimals = marks?.startsWith("comma") ? "a comma" : "a point";
      const message = `"${name}" has ${plural(grouped.count, "number")} with thousands in groups, such as ${quoted(grouped)}. They are read with ${decimals} before decimals.`;
      warnings.push({ feature: name, code: "grouped_numbers", ...grouped, message });
    }
    if (unclear) {
      const message = `The source writes decimals with points here and with commas there, so that ${plural(unclear.count, "number")} of "${name}", such as ${quoted(unclear)}, may be read wrongly. Write all decimals in the same way.`;
      warnings.push({ feature: name, code: "unclear_numbers", ...unclear, message });
    }
    const doubted = unsettled && otherReading(unsettled.first.text, marks, reference);
    if (doubted) {
      const message = `"${name}" has ${plural(unsettled.count, "number")} such as ${quoted(unsettled)}, which may have decimals or thousands in groups. It is read as ${doubted.read}, outside the range of the training data, ${reference.min} to ${reference.max}, where ${doubted.other} would be in it. Write the decimals of at least one number, or no groups.`;
      warnings.push({ feature: name, code: "unclear_numbers", ...unsettled, message });
    }
    return warnings;
  });
}

/** How a number such as 1.234 is read, and how else it could be, where only that is in the range of the training data; else null. */
function otherReading(
  text: string,
  marks: NumberMarks = "point",
  { min, max }: Pick<FeatureReference, "min" | "max">,
): { read: number; other: number } | null {
  if (min === null || max === null) return null;
  const read = readNumber(text, marks);
  const other = readNumber(text, marks.startsWith("comma") ? "point+groups" : "comma+groups");
  if (read === null || other === null) return null;
  const isIn = (number: number) => number >= min && number <= max;
  return !isIn(read) && isIn(other) ? { read, other } : null;
}

/**
 * Throws SourceError where cells of a feature hold something and none of them could be read: its predictions would be those of a missing
 * feature.
 */
export function requireReadable(cells: readonly FeatureCells[]): void {
  const lost = cells.find(({ read, noted }) => read === 0 && noted.length > 0);
  const [first] = lost?.noted ?? [];
  if (!lost || !first) return;
  const count = lost.noted.reduce((sum, part) => sum + part.count, 0);
  const which = count === 1 ? "The only cell" : `None of the ${formatCount(count)} cells`;
  throw new SourceError(
    UNREADABLE,
    `${which} of "${lost.feature}" that ${count === 1 ? "holds something could not" : "hold something could"} be read: ${quoted(first)} ${REASONS[first.code]}. Nothing was delivered. Correct the source, and run the pipeline again.`,
  );
}

const REASONS: Record<NotedCells["code"], string> = {
  not_coercible: "is not of the kind that the model reads",
  overflow: "is larger than the model can read",
  unseen_category: "is not in the training data",
};

function cellWarning(feature: string, { code, count, first }: NotedCells): RunWarning {
  const counts = count === 1 ? "counts" : "count";
  const what =
    code === "unseen_category"
      ? `${count === 1 ? "has" : "have"} a new category`
      : `could not be read and ${counts} as missing`;
  const message = `${plural(count, "cell")} of "${feature}" ${what}: ${quoted({ first })} ${REASONS[code]}.`;
  return { feature, code, count, first, message };
}

function quoted({ first }: Pick<NotedCells, "first">): string {
  return `"${first.text}" on line ${formatCount(first.line)}`;
}
