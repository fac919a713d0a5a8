import type { ServingPlan } from "./serving-plan.ts";
import type { Tensor } from "./tensor.ts";

/**
 * How many values of an output belong to each of `count` rows of a run; null where it has not one entry a row. The first axis must be the
 * rows: a number of values that can be divided by `count` says nothing, as in [2, N, 3], or where a graph drops a row. Of a single row that
 * axis may be missing; one axis is then taken for the values of the row where the trial found as many. Where the
 * graph itself takes one row, all that comes out is that row's; classes still need their own axis where the inputs have one of rows.
 */
export function entryWidth(
  plan: Pick<ServingPlan, "inputs" | "outputs" | "widths">,
  name: string,
  { dims }: Tensor,
  count: number,
): number | null {
  const { widths } = plan;
  const known = widths?.find(({ output }) => output === name)?.width ?? null;
  const [rows = 1, ...entry] = dims;
  if (rows === count) {
    const width = entry.reduce((product, dim) => product * dim, 1);
    const isAsTried = known === null || width === known || plan.outputs.extra.includes(name);
    if (width > 0 && isAsTried) return width;
  }
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (count === 1 && size > 0 && isOfOneRow(plan, name)) return size;
  const isBare = count === 1 && dims.length === 1 && rows > 0;
  // Models that were imported before widths were noted are taken at their word.
  return isBare && (widths === undefined || rows === known) ? rows : null;
}

function isOfOneRow({ inputs, outputs }: Pick<ServingPlan, "inputs" | "outputs">, name: string): boolean {
  if (inputs.length === 0 || inputs.some(({ dims }) => dims.includes(null))) return false;
  const saysClass = name === outputs.label || name === outputs.probabilities;
  return !saysClass || !inputs.some(hasRowAxis);
}

/** A scalar, and one axis of several columns, have none. */
function hasRowAxis({ dims, columns }: ServingPlan["inputs"][number]): boolean {
  return dims.length > 1 || (dims.length === 1 && columns.length === 1);
}
