import { type SQL, sql } from "drizzle-orm";
import { deployments } from "../../deployments/schema.ts";
import { connections, datasets, type Destination, type Source } from "../schema.ts";

/** What a pipeline stands on. */
export interface References {
  projectId: string;
  /** Null: it is not looked at. */
  deploymentId: string | null;
  source: Source;
  destinations: readonly Destination[];
}

/** The condition that all a pipeline names is there, for the write itself: what is deleted at the same moment is not used any more. */
export function referencesExist({ projectId, deploymentId, source, destinations }: References): SQL {
  const parts = [sql`1`, ...connectionsExist(projectId, source, destinations)];
  if (deploymentId !== null)
    parts.push(
      sql`exists (select 1 from ${deployments} where ${deployments.id} = ${deploymentId}
        and ${deployments.projectId} = ${projectId} and ${deployments.deletedAt} is null)`,
    );
  if (source.kind === "dataset")
    parts.push(
      // A dataset that is being deleted is a row without a name until its files are gone.
      sql`exists (select 1 from ${datasets} where ${datasets.id} = ${source.dataset_id}
        and ${datasets.projectId} = ${projectId} and ${datasets.name} <> '')`,
    );
  return sql.join(parts, sql` and `);
}

function connectionsExist(projectId: string, source: Source, destinations: readonly Destination[]): SQL[] {
  const ids = new Set(destinations.map((destination) => destination.connection_id));
  if ("connection_id" in source) ids.add(source.connection_id);
  if (ids.size === 0) return [];
  return [
    sql`(select count(*) from ${connections} where ${connections.projectId} = ${projectId}
      and ${connections.id} in (select value from json_each(${JSON.stringify([...ids])}))) = ${ids.size}`,
  ];
}
