import { entryWidth } from "../../engine/entry-width.ts";
import { runOnce } from "../../engine/predict-rows.ts";
import type { Session } from "../../engine/runtime.ts";
import { plannedOutputs, type ServingPlan } from "../../engine/serving-plan.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { AppError, isAppError } from "../../errors.ts";
import { plural } from "../../lib/format.ts";
import { allQuoted } from "../../onnx/describe.ts";
import type { Finding } from "../../onnx/finding.ts";
import { tableRows } from "../training/table-rows.ts";
import type { TrainingTable } from "../training/training-table.ts";

/**
 * Rows of the first run: more than one, so that what is not one entry a row is seen, and few, because nothing is known of the model yet.
 */
const FIRST_RUN_ROWS = 16;

interface Settled {
  plan: ServingPlan;
  findings: Finding[];
  /** Rows that are known to fit into one run. */
  rowsPerRun: number;
}

/**
 * Runs the model over a few rows and settles what only that can tell: whether it takes several rows at once, whether each output has one
 * entry a row, and how wide that is. A model that does not take several runs row by row; one whose answer is not one entry a row is
 * refused; a further output that is not is left out. Throws AppError `model_run` or `model_memory` where not even one row is answered.
 */
export async function settleOutputs(
  load: () => Promise<Session>,
  plan: ServingPlan,
  table: TrainingTable,
  complete: readonly number[],
): Promise<Settled> {
  const [first = 0, second = first] = complete;
  const numbers = complete.length === 1 ? [first, second] : complete.slice(0, FIRST_RUN_ROWS);
  const run = async (ofPlan: ServingPlan, rows: readonly number[]) =>
    runOnce(await load(), ofPlan, tableRows(table, ofPlan, rows));
  const alone = async (why: string): Promise<Settled> => {
    const ofOne = { ...plan, batchRows: 1 };
    const settled = settle(ofOne, await run(ofOne, [first]), true);
    const message = `${why}, so the model runs one row at a time. This is slower but correct.`;
    return {
      ...settled,
      findings: [{ level: "repaired", code: "rows_separated", message }, ...settled.findings],
      rowsPerRun: 1,
    };
  };
  if (plan.batchRows !== null) {
    return {
      ...settle(plan, await run(plan, numbers.slice(0, plan.batchRows)), plan.batchRows === 1),
      rowsPerRun: FIRST_RUN_ROWS,
    };
  }
  let failure: unknown = null;
  for (let size = numbers.length; size >= 2; size = size >>> 1) {
    let said: Said;
    try {
      said = await run(plan, numbers.slice(0, size));
    } catch (error) {
      if (!isAppError(error)) throw error;
      failure = error;
      if (error.code !== "model_memory") break;
      continue;
    }
    return { ...settle(plan, said, false), rowsPerRun: size };
  }
  return settleAlone(alone, failure);
}

/** What a single row does where several failed: it needs all of the memory, or the graph is made for one row. */
async function settleAlone(alone: (why: string) => Promise<Settled>, failure: unknown): Promise<Settled> {
  if (!isAppError(failure)) throw failure;
  if (failure.code === "model_memory") {
    try {
      return await alone("Two rows together need more memory than one model may take");
    } catch (error) {
      if (!isAppError(error) || error.code !== "model_memory") throw error;
      throw new AppError(
        "model_memory",
        "One row alone needs more memory than one model may take. Export a smaller model, or one that works in smaller steps.",
      );
    }
  }
  try {
    return await alone("The model does not take several rows in one run");
  } catch (error) {
    // A row that fails in any company fails for the reason that was there first.
    throw isAppError(error) ? failure : error;
  }
}

interface Said {
  outputs: ReadonlyMap<string, Tensor>;
  count: number;
}

function notEachRow(wrong: readonly { name: string; tensor: Tensor }[], count: number): string {
  const shapes = wrong.map(({ name, tensor }) => `"${name}" has the shape [${tensor.dims.join(", ")}]`);
  return `${shapes.join(" and ")} for ${plural(count, "row")}, which is not one entry a row`;
}

function widthTried(
  plan: ServingPlan,
  name: string,
  tensor: Tensor,
  count: number,
  isBareAllowed: boolean,
): number | null {
  const { inputs, outputs } = plan;
  return entryWidth({ inputs, outputs, ...(isBareAllowed ? {} : { widths: [] }) }, name, tensor, count);
}

/** `isBareAllowed`: the graph itself is for one row, so that an output of one axis is that row's. */
function settle(plan: ServingPlan, said: Said, isBareAllowed: boolean): Omit<Settled, "rowsPerRun"> {
  const widths: NonNullable<ServingPlan["widths"]> = [];
  const dropped: string[] = [];
  for (const output of plannedOutputs(plan)) {
    const tensor = said.outputs.get(output);
    const width = tensor ? widthTried(plan, output, tensor, said.count, isBareAllowed) : null;
    if (width !== null) widths.push({ output, width });
    else if (plan.outputs.extra.includes(output)) dropped.push(output);
    else {
      const what = tensor ? notEachRow([{ name: output, tensor }], said.count) : `The model gave no output "${output}"`;
      throw new AppError(
        "model_run",
        `${what}. Export the model so that each answer has the rows as its first dimension.`,
      );
    }
  }
  checkClasses(plan, widths);
  const extra = plan.outputs.extra.filter((name) => !dropped.includes(name));
  const findings: Finding[] =
    dropped.length === 0
      ? []
      : [
          {
            level: "warning",
            code: "output_left_out",
            message: `The ${dropped.length === 1 ? "output" : "outputs"} ${allQuoted(dropped)} ${dropped.length === 1 ? "does" : "do"} not have one entry a row, so answers leave ${dropped.length === 1 ? "it" : "them"} out.`,
          },
        ];
  return { plan: { ...plan, outputs: { ...plan.outputs, extra }, widths }, findings };
}

/** As many columns as classes, or one for two classes. */
function checkClasses(plan: ServingPlan, widths: NonNullable<ServingPlan["widths"]>): void {
  const name = plan.outputs.probabilities;
  const width = widths.find(({ output }) => output === name)?.width;
  if (name === null || width === undefined) return;
  const columns = width === 1 ? 2 : width;
  const given = plan.classes?.shown;
  if (given && given.length !== columns) {
    throw new AppError(
      "model_run",
      `The output "${name}" has ${plural(width, "value")} a row, but there are ${given.length} classes: ${given.slice(0, 10).join(", ")}. Name the classes of its columns in \`class_names\`, or export the model with one column for each class.`,
    );
  }
}
