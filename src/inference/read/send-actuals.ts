import { z } from "zod";
import { LIMITS } from "../../config.ts";
import type { Database } from "../../db.ts";
import { requireDeployment } from "../../deployments/find-deployment.ts";
import { hostName } from "../../deployments/host-name.ts";
import { findRecordedRun, listHosts } from "../../deployments/queries.ts";
import { recorderStub } from "../../deployments/reach-host.ts";
import type { ServingPlan } from "../../engine/serving-plan.ts";
import { AppError, type FieldError, invalid } from "../../errors.ts";
import { readBytes, readJson } from "../../http.ts";
import { readCsv, readCsvMarks } from "../../lib/csv.ts";
import { CsvError } from "../../lib/csv-error.ts";
import { canonicalLabel, labelFinder } from "../../lib/label.ts";
import { readNumber } from "../../lib/read-cell.ts";
import { refuseUnknownMembers } from "../../unknown-members.ts";
import type { VerbContext } from "../../verb-context.ts";
import type { Actual, SentActual } from "../records/actuals-log.ts";
import { parseBatchPredictionId } from "../batch/batch-prediction-id.ts";
import { servingSpecOf } from "../spec/find-serving-spec.ts";
import { parsePredictionId } from "../records/prediction-id.ts";
import { knownLabels, plannedLabels } from "./known-labels.ts";

/** An actual as it was sent. */
export interface NamedActual {
  predictionId: string;
  actual: unknown;
}

/** What became of actuals that were sent. */
export interface SentActuals {
  accepted: number;
  /** Ids that are not predictions of the deployment. */
  unknown: string[];
  /** Labels that are not classes of it. */
  refused: RefusedActual[];
}

interface RefusedActual {
  prediction_id: string;
  code: "unknown_label";
  message: string;
}

const LABELS_SHOWN = 12;
const LABEL_CHARACTERS_SHOWN = 60;
const ITEMS_MAX = 10_000;
const RUNS_MAX = 100;
const ERRORS_MAX = 20;
const ID_COLUMN = "prediction_id";
const ACTUAL_COLUMN = "actual";

/** The actuals in the body of a request: JSON {items}, or CSV with the two columns. Throws AppError: 400, 413, 415, 422. */
export async function readActuals(request: Request): Promise<NamedActual[]> {
  const isCsv = /^text\/csv\b/i.test(request.headers.get("content-type") ?? "");
  const items = isCsv
    ? readCsvItems(await readBytes(request, LIMITS.jsonBytesMax, tooLarge))
    : readJsonItems(await readJson(request));
  if (items.length > ITEMS_MAX) {
    throw new AppError("too_large", `A call may have at most ${ITEMS_MAX} actuals. This one has ${items.length}.`);
  }
  return items;
}

/**
 * Keeps what became known of predicted rows, each with the host that has its record; the last one sent for a row wins. The items are read
 * once the caller is known to be allowed to send them. `unknown` are the ids that name no prediction of the deployment; labels are kept
 * in the spelling of its classes, and those that are none of them are `refused`. Throws 422 `invalid_input` for actuals that cannot be
 * one of its task, and then none is kept.
 */
export async function sendActuals(
  ctx: VerbContext,
  input: { deployment: string; readItems: () => Promise<NamedActual[]> },
): Promise<SentActuals> {
  const { env, db, caller } = ctx;
  const deployment = await requireDeployment(db, caller, input.deployment, "send_actuals");
  const items = await input.readItems();
  const { main } = await servingSpecOf(db, deployment);
  const values = readValues(items, main.plan.task === "regression");
  const { actuals, refused } = await withoutUnknownLabels(ctx, deployment.id, main.plan, items, values);
  const known = new Set((await listHosts(db, deployment.id)).map(({ name }) => name));
  const runNames = await namesOfRuns(db, deployment.id, items);
  const byHost = new Map<string, SentActual[]>();
  const unknown: string[] = [];
  items.forEach(({ predictionId }, position) => {
    const place = placeOf(deployment.id, predictionId, runNames);
    const actual = actuals[position];
    const isKnown = place !== null && (place.isRun || known.has(place.name));
    if (actual === null) return;
    if (!place || !isKnown || actual === undefined) unknown.push(predictionId);
    else {
      const sent = byHost.get(place.name) ?? [];
      sent.push({ segment: place.segment, index: place.index, actual, position });
      byHost.set(place.name, sent);
    }
  });
  const missed = await Promise.all([...byHost].map(([name, sent]) => recorderStub(env, name).putActuals(sent)));
  unknown.push(...missed.flat().map((position) => items[position]?.predictionId ?? ""));
  return { accepted: items.length - unknown.length - refused.length, unknown, refused };
}

/** Actuals in the spelling of the deployment's classes; null stands for those that are none of them, which are refused by name. */
async function withoutUnknownLabels(
  { env, db }: VerbContext,
  deploymentId: string,
  plan: ServingPlan,
  items: readonly NamedActual[],
  values: readonly Actual[],
): Promise<{ actuals: (Actual | null)[]; refused: RefusedActual[] }> {
  if (plan.task === "regression" || plan.task === "anomaly_detection") return { actuals: [...values], refused: [] };
  const find = labelFinder(plannedLabels(plan));
  const found = values.map((value) => find(value));
  if (!found.includes(null)) return { actuals: found, refused: [] };
  // Not of the model that answers now: perhaps of another version, or the challenger's.
  const labels = await knownLabels(env, db, deploymentId);
  if (labels === null) return { actuals: values.map((value, position) => found[position] ?? value), refused: [] };
  const findAny = labelFinder(labels);
  const actuals = values.map((value, position) => found[position] ?? findAny(value));
  const shown = `${labels.slice(0, LABELS_SHOWN).join(", ")}${labels.length > LABELS_SHOWN ? ", …" : ""}`;
  const refused = items.flatMap(({ predictionId }, position): RefusedActual[] => {
    if (actuals[position] !== null) return [];
    const label = String(values[position]).slice(0, LABEL_CHARACTERS_SHOWN);
    const message = `"${label}" is not a class of this deployment. Its classes are ${shown}.`;
    return [{ prediction_id: predictionId, code: "unknown_label", message }];
  });
  return { actuals, refused };
}

interface RecordedPlace {
  /** Of the object that has the record. */
  name: string;
  isRun: boolean;
  segment: number;
  index: number;
}

/** Where the record lies that an id names; null where the id names none. */
function placeOf(deploymentId: string, id: string, runNames: ReadonlyMap<string, string>): RecordedPlace | null {
  const batch = parseBatchPredictionId(id);
  if (batch) {
    const name = runNames.get(batch.runId);
    return name === undefined ? null : { name, isRun: true, segment: 0, index: batch.row };
  }
  const place = parsePredictionId(deploymentId, id);
  return place && { name: hostName(place.host), isRun: false, segment: place.segment, index: place.index };
}

/** The names of the runs that ids name, as far as these are the deployment's. */
async function namesOfRuns(
  db: Database,
  deploymentId: string,
  items: readonly NamedActual[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const wanted = new Set(items.flatMap(({ predictionId }) => parseBatchPredictionId(predictionId)?.runId ?? []));
  if (wanted.size > RUNS_MAX) {
    throw new AppError(
      "too_large",
      `A call may have actuals of at most ${RUNS_MAX} runs. This one has ${wanted.size}.`,
    );
  }
  for (const runId of wanted) {
    const run = await findRecordedRun(db, deploymentId, runId);
    if (run) names.set(runId, run.name);
  }
  return names;
}

function readValues(items: readonly NamedActual[], areNumbers: boolean): Actual[] {
  const errors: FieldError[] = [];
  const values = items.map(({ actual }, index): Actual => {
    const value = areNumbers ? numberOf(actual) : labelOf(actual);
    if (value === null && errors.length < ERRORS_MAX) {
      const message = areNumbers ? "must be a finite number" : "must be a label: a text, a number, true or false";
      errors.push({ path: `items[${index}].actual`, message });
    }
    return value ?? "";
  });
  if (errors.length > 0) {
    throw new AppError(
      "invalid_input",
      `Some actuals are not valid for this deployment: ${errors[0]?.path} ${errors[0]?.message}. None was accepted.`,
      { errors },
    );
  }
  return values;
}

function numberOf(actual: unknown): number | null {
  const number = typeof actual === "string" ? readNumber(actual) : actual;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

function labelOf(actual: unknown): string | null {
  if (typeof actual === "number" && !Number.isFinite(actual)) return null;
  if (typeof actual !== "string" && typeof actual !== "number" && typeof actual !== "boolean") return null;
  const label = canonicalLabel(actual);
  return label === "" || label.length > LIMITS.cellBytesMax ? null : label;
}

function readJsonItems(body: unknown): NamedActual[] {
  const items = typeof body === "object" && body !== null && "items" in body ? body.items : null;
  if (!Array.isArray(items))
    throw wrongForm("items", 'must be a list, as in {"items": [{"prediction_id": …, "actual": …}]}');
  const read = items.map((item: unknown, index) => {
    const entry = typeof item === "object" && item !== null ? (item as Record<string, unknown>) : {};
    const { [ID_COLUMN]: id, [ACTUAL_COLUMN]: actual } = entry;
    if (typeof id !== "string") throw wrongForm(`items[${index}].prediction_id`, "must be the id of a prediction");
    return { predictionId: id, actual };
  });
  refuseUnknownMembers(knownMembers, body);
  return read;
}

const knownMembers = z.object({
  items: z.array(z.object({ [ID_COLUMN]: z.unknown(), [ACTUAL_COLUMN]: z.unknown() })),
});

function readCsvItems(bytes: Uint8Array): NamedActual[] {
  const rows: string[][] = [];
  try {
    const { columns } = readCsv(bytes, {}, (fields) => rows.push([...fields]));
    const [id, actual] = [columns.indexOf(ID_COLUMN), columns.indexOf(ACTUAL_COLUMN)];
    if (id < 0 || actual < 0) throw wrongForm("", `the CSV needs the columns ${ID_COLUMN} and ${ACTUAL_COLUMN}`);
    const marks = readCsvMarks(bytes)[actual]?.marks ?? "point";
    return rows.map((fields) => {
      const text = fields[actual] ?? "";
      return { predictionId: fields[id] ?? "", actual: (marks === "point" ? null : readNumber(text, marks)) ?? text };
    });
  } catch (error) {
    if (error instanceof CsvError) throw new AppError("invalid_input", error.message);
    throw error;
  }
}

function tooLarge(): AppError {
  return new AppError(
    "too_large",
    `The body may be at most ${LIMITS.jsonBytesMax / 1e6} MB. Send the actuals in parts.`,
  );
}

function wrongForm(path: string, message: string): AppError {
  return invalid(path, `The actuals cannot be read: ${path} ${message}.`, message);
}
