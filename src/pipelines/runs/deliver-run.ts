import type { Database } from "../../db.ts";
import { readRunResult, type RunResult } from "../../inference/batch/run-result.ts";
import { openConnection } from "../connections/open-connection.ts";
import { findConnection } from "../connections/queries.ts";
import { loadServingSpec } from "../../inference/spec/load-serving-spec.ts";
import { deliver } from "../delivery/deliver.ts";
import type { Delivered } from "../delivery/delivered-file.ts";
import { DeliveryError } from "../delivery/delivery-error.ts";
import { CHALLENGER_AS, destinationKind } from "../delivery/destination-kind.ts";
import { fileToDeliver } from "../results/file-to-deliver.ts";
import type { Destination } from "../schema.ts";
import { refuseOlder } from "./newer-delivery.ts";
import { whileWanted } from "./while-wanted.ts";
import type { DeliveryRow, RunTask } from "./run-progress.ts";

/**
 * Delivers the files of a run to one destination and says how many rows arrived and what is to be known of them. Repeating is safe.
 * Throws DeliveryError.
 */
export async function deliverRun(
  { env, db }: { env: Env; db: Database },
  { runId, projectId, deploymentId, version, at, source }: RunTask,
  delivery: DeliveryRow,
): Promise<Delivered> {
  const { position, destination } = delivery;
  const row = await findConnection(db, projectId, destination.connection_id);
  if (!row)
    throw new DeliveryError(
      "wrong_destination",
      "The connection of this destination was deleted. Give the pipeline another one, and run it again.",
    );
  await refuseOlder(db, delivery, at);
  const result = await readRunResult(env.STORE, runId);
  if (!result) throw new Error(`the run ${runId} is to be delivered before its files are whole`);
  const connection = await openConnection(env, row);
  const model = (await loadServingSpec(db, deploymentId, version))?.main.name;
  const run = {
    id: runId,
    position,
    startedAtMs: at,
    version,
    dates: source.dates,
    ...(model !== undefined && { model }),
  };
  const all = { rows: 0, notes: [] as string[] };
  for (const { to, model } of filesFor(destination, result)) {
    const file = fileToDeliver(env.STORE, result, {
      model,
      challenger: takesChallenger(destination, result, "columns"),
    });
    const { rows, notes = [] } = await whileWanted(db, runId, (signal) => deliver(to, connection, file, run, signal));
    all.rows += rows;
    all.notes.push(...notes);
  }
  return all;
}

/** A store gets a file for each model where its key pattern tells them apart; everybody else gets one. */
function filesFor(destination: Destination, result: RunResult): { to: Destination; model: "main" | "challenger" }[] {
  const models = takesChallenger(destination, result, "file") ? (["main", "challenger"] as const) : (["main"] as const);
  return models.map((model) => {
    if (!("key_pattern" in destination)) return { to: destination, model };
    return { to: { ...destination, key_pattern: destination.key_pattern.replaceAll("{model}", model) }, model };
  });
}

function takesChallenger(destination: Destination, { challenger }: RunResult, as: "columns" | "file"): boolean {
  return (
    destination.challenger === true && challenger !== null && CHALLENGER_AS[destinationKind(destination).kind] === as
  );
}
