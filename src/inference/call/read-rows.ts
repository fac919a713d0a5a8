import { LIMITS } from "../../config.ts";
import { invalid } from "../../errors.ts";
import type { SentRow } from "../spec/coerce-rows.ts";

/** The rows of a predict call, and whether it sent one by itself, whose answer then comes by itself. */
interface CalledRows {
  rows: readonly SentRow[];
  isSingle: boolean;
}

/**
 * Reads the body of a predict call: `features` for one row, `rows` for several, or the form that clients of other servers send: MLflow's
 * `dataframe_records` and `dataframe_split`, `instances` of KServe v1, or a list of objects. Throws 422 `invalid_input`.
 */
export function readRows(body: unknown): CalledRows {
  if (Array.isArray(body)) return several(body);
  if (!isRow(body)) throw wrongForm();
  const [form, ...others] = FORMS.filter((name) => body[name] !== undefined);
  const unknown = Object.keys(body).filter((name) => !FORMS.some((known) => known === name));
  if (form === undefined || others.length > 0)
    throw wrongForm(others.length > 0 ? `${form} and ${others.join(", ")}` : null);
  if (unknown.length > 0) throw unknownMembers(unknown, form);
  const sent = body[form];
  if (form === "features") {
    if (!isRow(sent)) throw wrongForm();
    return { rows: [sent], isSingle: true };
  }
  if (form === "dataframe_split") return several(splitRows(sent));
  if (!Array.isArray(sent)) throw invalid(form, `${form} must be a list of objects.`);
  return several(sent);
}

const FORMS = ["features", "rows", "dataframe_split", "dataframe_records", "instances"] as const;

function wrongForm(several: string | null = null): Error {
  const message = 'Send {"features": {"<name>": value, …}} for one row, or {"rows": [{…}, …]} for several.';
  return invalid("features", several === null ? message : `The body has ${several}, but one is enough. ${message}`);
}

function unknownMembers(names: string[], form: string): Error {
  const [first = ""] = names;
  const listed = names.slice(0, 10).map((name) => JSON.stringify(name.slice(0, 80)));
  const message = `Unknown: ${listed.join(", ")}. Features belong into ${form}.`;
  return invalid(first.slice(0, 80), message);
}

/** The rows of a data frame that was written as `columns` and `data`. */
function splitRows(sent: unknown): Record<string, unknown>[] {
  const { columns, data } = isRow(sent) ? sent : {};
  const isNamed = Array.isArray(columns) && columns.every((name) => typeof name === "string");
  if (!isNamed || !Array.isArray(data)) {
    throw invalid("dataframe_split", 'dataframe_split must be {"columns": ["<name>", …], "data": [[value, …], …]}.');
  }
  if (new Set(columns).size < columns.length) throw invalid("dataframe_split.columns", "A column is named twice.");
  return data.map((values: unknown, index) => {
    if (!Array.isArray(values) || values.length !== columns.length) {
      const message = `dataframe_split.data[${index}] must be a list of ${columns.length} values, one for each column.`;
      throw invalid(`dataframe_split.data[${index}]`, message);
    }
    // Not by assignment: a column may be called __proto__.
    return Object.fromEntries(columns.map((name, at) => [name, values[at] as unknown]));
  });
}

function several(rows: unknown[]): CalledRows {
  if (rows.length === 0) throw invalid("rows", "The call has no rows. Send at least one.");
  if (rows.length > LIMITS.rowsPerCallMax) {
    throw invalid(
      "rows",
      `A call may have at most ${LIMITS.rowsPerCallMax} rows. This one has ${rows.length}. Send several calls.`,
    );
  }
  const wrong = rows.findIndex((candidate) => !isRow(candidate));
  if (wrong >= 0) throw invalid(`rows[${wrong}]`, `rows[${wrong}] is not an object of feature names and values.`);
  return { rows: rows.filter((candidate) => isRow(candidate)), isSingle: false };
}

function isRow(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
