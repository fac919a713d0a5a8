import { emailSettings, LIMITS } from "../../../config.ts";
import { listDeployments } from "../../../deployments/queries.ts";
import type { AppContext } from "../../../http.ts";
import { type ProjectPageView, projectPageView } from "../../project-shell.tsx";
import { leadOf } from "../../../pipelines/connections/connection-kind-view.ts";
import type { ConnectionKind } from "../../../pipelines/connections/connection-kinds.ts";
import { listConnections } from "../../../pipelines/connections/queries.ts";
import { type DatasetRow, listDatasets } from "../../../pipelines/datasets/queries.ts";
import { pipelinePath, pipelinesPath } from "../../../pipelines/definitions/pipeline-paths.ts";
import { pipelineFrame } from "../pipeline/view.ts";
import type { Pipeline } from "../../../pipelines/definitions/queries.ts";

/** A connection as the form offers it. */
export interface OfferedConnection {
  id: string;
  name: string;
  kind: ConnectionKind;
  place: string;
}

/** What the form of a pipeline offers, and where it is sent. */
export interface PipelineFormView extends Pick<ProjectPageView, "db" | "frame"> {
  project: { id: string; slug: string; name: string };
  /** That is changed; null where a new one is made. */
  pipeline: Pipeline | null;
  deployments: { id: string; name: string }[];
  datasets: Pick<DatasetRow, "id" | "name" | "rows" | "state">[];
  connections: OfferedConnection[];
  /** Whether the operator has set how. */
  sendsEmail: boolean;
  action: string;
  cancelHref: string;
  nowMs: number;
}

/** The form for a new pipeline of the project that the address names, for its contributors: 401, 403 or 404 otherwise. */
export async function newPipelineView(c: AppContext): Promise<PipelineFormView> {
  const around = await projectPageView(c, "change");
  const path = pipelinesPath(around.project);
  return { ...(await offers(c, around)), pipeline: null, action: `${path}/new`, cancelHref: path };
}

/** The form of the pipeline that the address names, for contributors of its project: 401, 403 or 404 otherwise. */
export async function editPipelineView(c: AppContext): Promise<PipelineFormView> {
  const around = await pipelineFrame(c, "change");
  const { pipeline } = around;
  const path = pipelinePath(pipeline);
  return { ...(await offers(c, around)), pipeline, action: `${path}/edit`, cancelHref: path };
}

type Around = Pick<PipelineFormView, "db" | "frame" | "project">;

async function offers(c: AppContext, { db, frame, project }: Around) {
  const { caller } = c.var;
  const page = { limit: LIMITS.listItemsMax, cursor: null };
  const [deployments, datasets, connections] = await Promise.all([
    listDeployments(db, caller, project.id, page),
    listDatasets(db, caller, project.id, page),
    listConnections(db, caller, project.id, page),
  ]);
  return {
    db,
    frame,
    project,
    deployments: deployments.items.map(({ id, name }) => ({ id, name })),
    datasets: datasets.items.filter(({ state }) => state === "running" || state === "succeeded"),
    connections: connections.items.map((row) => ({
      id: row.id,
      name: row.name,
      kind: row.kind,
      place: leadOf(row).place,
    })),
    sendsEmail: emailSettings(c.env) !== null,
    nowMs: Date.now(),
  };
}
