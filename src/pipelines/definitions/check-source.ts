import { allowsPrivateNetwork } from "../../config.ts";
import type { Database } from "../../db.ts";
import type { FieldError } from "../../errors.ts";
import { outgoingUrlProblem } from "../../lib/outgoing-url.ts";
import { CONNECTION_FACTS, READ_FROM, type Reading } from "../connections/connection-kinds.ts";
import { findConnection } from "../connections/queries.ts";
import { findDataset } from "../datasets/queries.ts";
import type { Source } from "../schema.ts";

/** What is wrong with the source of a pipeline of the project: what it names must be of the project, and of a kind that fits. */
export async function checkSource(
  { env, db }: { env: Pick<Env, "ALLOW_PRIVATE_NETWORK">; db: Database },
  projectId: string,
  source: Source,
): Promise<FieldError[]> {
  switch (source.kind) {
    case "dataset":
      return problem("dataset_id", await datasetProblem(db, projectId, source.dataset_id));
    case "query":
    case "object":
      return problem("connection_id", await connectionProblem(db, projectId, source.connection_id, source.kind));
    case "url":
      return problem("url", outgoingUrlProblem(source.url, allowsPrivateNetwork(env)));
  }
}

async function datasetProblem(db: Database, projectId: string, id: string): Promise<string | null> {
  const dataset = await findDataset(db, projectId, id);
  if (!dataset) return "Dataset not found in this project.";
  return dataset.state === "failed" ? "This dataset could not be read. Upload it again." : null;
}

async function connectionProblem(db: Database, projectId: string, id: string, by: Reading): Promise<string | null> {
  const connection = await findConnection(db, projectId, id);
  if (!connection) return NO_CONNECTION;
  if (CONNECTION_FACTS[connection.kind].reads === by) return null;
  return `${by === "query" ? "A query" : "An object"} needs a ${READ_FROM[by]}. This connection is of kind ${connection.kind}.`;
}

export const NO_CONNECTION = "Connection not found in this project.";

function problem(field: string, message: string | null): FieldError[] {
  return message === null ? [] : [{ path: `source.${field}`, message }];
}
