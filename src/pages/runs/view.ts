import { hidden, requireUser } from "../../access/authorize.ts";
import { isAllowed, type Right } from "../../access/rights.ts";
import { type Database, database } from "../../db.ts";
import type { AppContext } from "../../http.ts";
import { pageFrame } from "../page-frame.ts";
import { findProject } from "../../projects/queries.ts";
import type { Frame } from "../../ui/layout.tsx";
import { requireRun, type Run } from "../../pipelines/runs/queries.ts";

export interface RunView {
  db: Database;
  frame: Frame;
  project: { id: string; slug: string; name: string };
  run: Run;
  mayChange: boolean;
  nowMs: number;
}

/** The run that the address names, for a caller who has the right in its project: 401, 403 or 404 otherwise. */
export async function runView(c: AppContext, right: Right): Promise<RunView> {
  const db = database(c.env);
  const run = await requireRun(db, c.var.caller, c.req.param("run") ?? "", right);
  const user = requireUser(c.var.caller);
  const project = await findProject(db, run.pipeline.projectId);
  if (!project) throw hidden();
  return {
    db,
    frame: await pageFrame(db, user, project),
    project,
    run,
    mayChange: isAllowed(user, "change", { projectId: project.id }),
    nowMs: Date.now(),
  };
}
