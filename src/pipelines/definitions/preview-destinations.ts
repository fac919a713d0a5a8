import { z } from "zod";
import type { Database } from "../../db.ts";
import type { DeploymentRow } from "../../deployments/find-deployment.ts";
import { loadServingSpec } from "../../inference/spec/load-serving-spec.ts";
import { addedColumns } from "../../inference/batch/result-lines.ts";
import { requireProject } from "../../projects/queries.ts";
import type { VerbContext } from "../../verb-context.ts";
import type { ConnectionKind } from "../connections/connection-kinds.ts";
import { findDataset } from "../datasets/queries.ts";
import type { DeliveredColumn, DeliveredFile, DeliveryRun } from "../delivery/delivered-file.ts";
import { isDeliveryError } from "../delivery/delivery-error.ts";
import { destinationKind } from "../delivery/destination-kind.ts";
import { MYSQL_NAMES, type NameRules, POSTGRES_NAMES } from "../delivery/table-name.ts";
import { indexNote, tablePlan } from "../delivery/table-plan.ts";
import { plannedShapes } from "../runs/planned-shape.ts";
import { sourceColumns } from "../runs/stage-run.ts";
import type { Destination, Source } from "../schema.ts";
import { checkDestinations } from "./check-destinations.ts";
import { destinationWords } from "./destination-words.ts";
import { hasChallenger, refuseInvalid, requireDeploymentOf } from "./pipeline-checks.ts";
import { pipelineInput } from "./pipeline-input.ts";

/** What a pipeline is made of; without a name, too: it may be sent while it is being written. */
export const previewInput = pipelineInput.partial({ name: true });

const destinationPreview = z.object({
  connection_id: z.string(),
  summary: z.string().describe("The destination in a few words"),
  columns: z
    .array(z.object({ name: z.string(), as: z.string(), type: z.string() }))
    .describe("In order: what each column is called in the files of a run, and at the destination"),
  notes: z.array(z.string()).describe("What is to be known of it"),
});

export const previewSchema = z.object({
  is_source_known: z
    .boolean()
    .describe("False where only a run reads the source: then the columns that the model reads stand for its columns"),
  destinations: z.array(destinationPreview),
});

export type Previewed = z.output<typeof destinationPreview>;
export type Preview = z.output<typeof previewSchema>;

/**
 * What the destinations of a pipeline would get, if its current version predicted its source now, for contributors of the project: names
 * of columns as each database takes them, and what a delivery would change there. Nothing is read from outside, and nothing is stored.
 * 422 as when a pipeline is made.
 */
export async function previewDestinations(
  context: VerbContext,
  input: z.output<typeof previewInput> & { project: string },
): Promise<Preview> {
  const { db, caller, env } = context;
  const project = await requireProject(db, caller, input.project, "change");
  const deployment = await requireDeploymentOf(db, project.id, input.deployment_id);
  const checked = await checkDestinations(db, project.id, input.destinations, await hasChallenger(db, deployment));
  refuseInvalid(checked.errors);
  return previewOfPipeline({ db, env }, { ...input, projectId: project.id, ...checked, deployment });
}

interface Previewable {
  projectId: string;
  deployment: Pick<DeploymentRow, "id" | "currentVersion">;
  source: Source;
  destinations: readonly Destination[];
  /** Of the connections, by their ids. */
  kinds: ReadonlyMap<string, ConnectionKind>;
}

/** The same for a pipeline that is there. Asks for no right. */
export async function previewOfPipeline(
  { db, env }: { db: Database; env: Pick<Env, "STORE"> },
  { projectId, deployment, source: from, destinations, kinds }: Previewable,
): Promise<Preview> {
  const spec = await loadServingSpec(db, deployment.id, deployment.currentVersion);
  if (!spec) return { is_source_known: false, destinations: [] };
  const known = await namesOf(db, projectId, from);
  const names = known ?? spec.features.filter(({ mainTensors }) => mainTensors.length > 0).map(({ name }) => name);
  const shapes = await plannedShapes(env.STORE, spec);
  const source = sourceColumns({ columns: names }, spec);
  const main = [...source, ...addedColumns(shapes.main, names)];
  const challenger = addedColumns(shapes.challenger, names).filter(({ role }) => role !== "prediction_id");
  const run = { id: "", position: 0, startedAtMs: 0 };
  return {
    is_source_known: known !== null,
    destinations: destinations.map((destination) => {
      const more = destination.challenger && shapes.challenger ? challenger : [];
      const columns = [...main, ...more.map((column) => ({ ...column, name: `challenger_${column.name}` }))];
      const kind = kinds.get(destination.connection_id);
      return previewOf(destination, kind, columns, run);
    }),
  };
}

async function namesOf(db: Database, projectId: string, source: Source): Promise<string[] | null> {
  if (source.kind !== "dataset") return null;
  return (await findDataset(db, projectId, source.dataset_id))?.columns ?? null;
}

const RULES: Record<ConnectionKind, NameRules | null> = {
  postgres: POSTGRES_NAMES,
  mysql: MYSQL_NAMES,
  s3: null,
  http: null,
};

function previewOf(
  destination: Destination,
  kind: ConnectionKind | undefined,
  columns: DeliveredColumn[],
  run: DeliveryRun,
): Previewed {
  const { connection_id } = destination;
  const about = { connection_id, summary: destinationWords(destination) };
  const to = destinationKind(destination);
  const rules = kind && RULES[kind];
  if (to.kind !== "table" || !rules)
    return { ...about, columns: columns.map(({ name, type }) => ({ name, as: name, type })), notes: [] };
  try {
    const { file, keys, notes } = tablePlan(to, emptyFile(columns), run, rules, null);
    const names = file.columns.map(({ name, type }, index) => ({ name: columns[index]?.name ?? name, as: name, type }));
    const keyNames = keys.map((key) => names[key]?.as ?? "");
    if (to.mode === "upsert") notes.push(indexNote(to.table, keyNames, "will get"));
    return { ...about, columns: names, notes };
  } catch (error) {
    // A key column of a source that is not known yet.
    if (isDeliveryError(error)) return { ...about, columns: [], notes: [error.message] };
    throw error;
  }
}

function emptyFile(columns: readonly DeliveredColumn[]): DeliveredFile {
  const bytes = (): Promise<ReadableStream<Uint8Array>> => Promise.resolve(new Blob([]).stream());
  return { columns, rowCount: 0, async *rows() {}, bytes };
}
