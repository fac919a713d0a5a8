import { and, eq, inArray, sql } from "drizzle-orm";
import type { Database } from "../../db.ts";
import type { ConnectionKind } from "../connections/connection-kinds.ts";
import { connections, datasets, type Destination, type Source } from "../schema.ts";

/** What the connections and datasets that pipelines name are called, by id. What is gone is not among them. */
export interface PipelineNames {
  connections: ReadonlyMap<string, { name: string; kind: ConnectionKind }>;
  datasets: ReadonlyMap<string, string>;
}

/** The names of all that these pipelines of a project read from and deliver to. */
export async function pipelineNames(
  db: Database,
  projectId: string,
  pipelines: readonly { source: Source; destinations: readonly Destination[] }[],
): Promise<PipelineNames> {
  const connectionIds = pipelines.flatMap(({ source, destinations }) => [
    ...("connection_id" in source ? [source.connection_id] : []),
    ...destinations.map((destination) => destination.connection_id),
  ]);
  const datasetIds = pipelines.flatMap(({ source }) => ("dataset_id" in source ? [source.dataset_id] : []));
  const [foundConnections, foundDatasets] = await Promise.all([
    db
      .select({ id: connections.id, name: connections.name, kind: connections.kind })
      .from(connections)
      .where(and(eq(connections.projectId, projectId), inArray(connections.id, listed(connectionIds)))),
    db
      .select({ id: datasets.id, name: datasets.name })
      .from(datasets)
      // A dataset that is being deleted is a row without a name until its files are gone.
      .where(
        and(eq(datasets.projectId, projectId), inArray(datasets.id, listed(datasetIds)), sql`${datasets.name} <> ''`),
      ),
  ]);
  return {
    connections: new Map(foundConnections.map(({ id, name, kind }) => [id, { name, kind }])),
    datasets: new Map(foundDatasets.map(({ id, name }) => [id, name])),
  };
}

/** One parameter, however many ids: D1 binds at most 100 a statement. */
function listed(ids: readonly string[]) {
  return sql`(select value from json_each(${JSON.stringify([...new Set(ids)])}))`;
}
