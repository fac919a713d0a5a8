import { and, eq, inArray, ne, notInArray, sql } from "drizzle-orm";
import { auditedChange } from "../../audit/audited-change.ts";
import { AppError } from "../../errors.ts";
import { insertWhere } from "../../insert-where.ts";
import type { VerbContext } from "../../verb-context.ts";
import { identityOf } from "../delivery/destination-kind.ts";
import { requirePipeline } from "../definitions/queries.ts";
import { deliveries, type Destination, runs } from "../schema.ts";
import { auditedRun } from "./audited-run.ts";
import { isFinalFailure } from "./run-failure.ts";
import { requireRun, type Run, type RunDelivery } from "./queries.ts";
import { startNextRun } from "./start-next-run.ts";

const RETRYABLE = ["failed", "cancelled"] as const;

/**
 * Goes on with a run that failed or was cancelled, as a new attempt that skips what is done, and delivers to the destinations that its
 * pipeline has now and that have not received it; for contributors of its project. How it ends is told anew. 409 in other states, where
 * none of its rows could be predicted, and when its pipeline has been deleted.
 */
export async function retryRun(context: VerbContext, { run: id }: { run: string }): Promise<Run> {
  const { env, db, caller, nowMs } = context;
  const run = await requireRun(db, caller, id, "change");
  if (run.pipeline.deletedAt !== null)
    throw new AppError("conflict", "The pipeline of this run was deleted, so the run cannot continue.");
  if (isFinalFailure(run.errorCode))
    throw new AppError(
      "conflict",
      "A retry would read the same rows and fail again. Correct the source, and run the pipeline again.",
    );
  // Of two retries at the same time, one finds the attempt that it knows.
  const isRetryable = and(eq(runs.id, id), inArray(runs.state, [...RETRYABLE]), eq(runs.attempt, run.attempt));
  const write = db
    .update(runs)
    .set({
      state: "queued",
      attempt: sql`${runs.attempt} + 1`,
      step: null,
      stepStartedAt: null,
      errorCode: null,
      errorMessage: null,
      finishedAt: null,
      notifiedAt: null,
    })
    .where(isRetryable)
    .returning({ id: runs.id, attempt: runs.attempt });
  const pipeline = await requirePipeline(db, caller, run.pipeline.id, "change");
  const { kept, added } = presentDeliveries(run.deliveries, pipeline.destinations);
  const [started] = await auditedChange(context, write, auditedRun(run, "retry"), (happened) => {
    const open = and(eq(deliveries.runId, id), ne(deliveries.state, "succeeded"), happened);
    return [
      db.delete(deliveries).where(and(open, notInArray(deliveries.position, kept))),
      db
        .update(deliveries)
        .set({ state: "pending", rows: null, errorCode: null, errorMessage: null, notes: null, at: nowMs })
        .where(open),
      ...added.map((delivery) => insertWhere(db, deliveries, { ...delivery, runId: id, state: "pending" }, happened)),
    ];
  });
  if (!started) throw new AppError("conflict", "Only a failed or cancelled run can be retried.");
  await startNextRun(env, db, id);
  return requireRun(db, caller, id, "change");
}

/**
 * The positions of those deliveries whose destination the pipeline still has, and those to be added. A destination that was changed gets
 * a position of its own: by it the database at the old one knows that something has arrived.
 */
function presentDeliveries(made: readonly RunDelivery[], destinations: readonly Destination[]) {
  const open = [...made];
  const kept: number[] = [];
  const added: { position: number; connectionId: string; destination: Destination }[] = [];
  let next = Math.max(-1, ...made.map(({ position }) => position)) + 1;
  for (const destination of destinations) {
    const at = open.findIndex((delivery) => identityOf(delivery.destination) === identityOf(destination));
    const [same] = at < 0 ? [] : open.splice(at, 1);
    if (same) kept.push(same.position);
    else added.push({ position: next++, connectionId: destination.connection_id, destination });
  }
  return { kept, added };
}
