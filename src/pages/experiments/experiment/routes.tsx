import { Hono } from "hono";
import { readForm, type Refusal, refusalOf } from "../../page-form.ts";
import { isAllowed } from "../../../access/rights.ts";
import { database } from "../../../db.ts";
import { parseInput } from "../../../endpoint.ts";
import { AppError } from "../../../errors.ts";
import { type AppContext, type AppEnv, pageRequest } from "../../../http.ts";
import { requireProject } from "../../../projects/queries.ts";
import { createExperiment, experimentInput } from "../../../experiments/create-experiment.ts";
import { deleteExperiment, requireDeletable } from "../../../experiments/delete-experiment.ts";
import { verbContext } from "../../../verb-context.ts";
import { ExperimentDeletePage } from "./delete-page.tsx";
import { ExperimentForm } from "./form.tsx";
import { ExperimentList, type ExperimentListProps } from "./experiment-list.tsx";
import { ExperimentPage } from "./page.tsx";
import { countParts, listModelLines, listVersionLines, userNames } from "../../../experiments/page-queries.ts";
import { projectView } from "../view.ts";
import { purgeExperiments } from "../../../experiments/purge-experiments.ts";
import { listExperiments, requireExperiment } from "../../../experiments/queries.ts";

/** The experiments of a project. */
export const experimentPages = new Hono<AppEnv>();

experimentPages.get("/projects/:project/experiments", async (c) => {
  const list = await listView(c, c.req.param("project"));
  return c.html(<ExperimentList {...list} />);
});

experimentPages.get("/projects/:project/experiments/new", async (c) => formPage(c, c.req.param("project")));

experimentPages.post("/projects/:project/experiments/new", async (c) => {
  const project = c.req.param("project");
  const db = database(c.env);
  await requireProject(db, c.var.caller, project, "change");
  const fields = await readForm(c);
  try {
    const input = parseInput(experimentInput, fields);
    const { id } = await createExperiment(verbContext(c), { project, ...input });
    return c.redirect(`/experiments/${id}`, 303);
  } catch (error) {
    return formPage(c, project, fields, refusalOf(c, error));
  }
});

experimentPages.get("/experiments/:experiment", async (c) => {
  const db = database(c.env);
  const experiment = await requireExperiment(db, c.var.caller, c.req.param("experiment"), "read");
  const [view, versions, models, names] = await Promise.all([
    projectView(c, db, experiment.projectId),
    listVersionLines(db, experiment.id),
    listModelLines(db, experiment.id),
    userNames(db, [experiment.createdBy]),
  ]);
  const creator = names.get(experiment.createdBy) ?? null;
  // What is not known without looking into it, whether others added to it, is said when it is tried.
  const mayDelete = isAllowed(c.var.caller, "delete", experiment);
  return c.html(<ExperimentPage {...{ view, experiment, versions, models, creator, mayDelete }} />);
});

experimentPages.get("/experiments/:experiment/delete", async (c) => deletePage(c, c.req.param("experiment")));

experimentPages.post("/experiments/:experiment/delete", async (c) => {
  const db = database(c.env);
  const experiment = await requireExperiment(db, c.var.caller, c.req.param("experiment"), "change");
  const { confirm = "" } = await readForm(c);
  try {
    if (confirm.trim() !== experiment.name.trim()) {
      throw new AppError("invalid_input", "The name does not match.");
    }
    await deleteExperiment(verbContext(c), { experiment: experiment.id });
  } catch (error) {
    return deletePage(c, experiment.id, error);
  }
  c.executionCtx.waitUntil(purgeExperiments(c.env, db));
  return c.redirect(`/projects/${experiment.projectId}/experiments`, 303);
});

async function deletePage(c: AppContext, id: string, error?: unknown): Promise<Response> {
  const db = database(c.env);
  const experiment = await requireExperiment(db, c.var.caller, id, "change");
  if (error === undefined) await requireDeletable(db, c.var.caller, id);
  const refusal = error === undefined ? null : refusalOf(c, error);
  const [view, counts] = await Promise.all([projectView(c, db, experiment.projectId), countParts(db, [experiment.id])]);
  const { versions, models } = counts.get(experiment.id) ?? { versions: 0, models: 0 };
  const message = refusal?.errors[0]?.message;
  return c.html(<ExperimentDeletePage {...{ view, experiment, versions, models, message }} />, refusal?.status ?? 200);
}

async function listView(c: AppContext, idOrSlug: string): Promise<ExperimentListProps> {
  const db = database(c.env);
  const { id } = await requireProject(db, c.var.caller, idOrSlug, "read");
  const page = { limit: Math.min(pageRequest(c).limit, PAGE_EXPERIMENTS), cursor: c.req.query("cursor") ?? null };
  const { items, nextCursor } = await listExperiments(db, c.var.caller, id, page);
  const [view, counts, names] = await Promise.all([
    projectView(c, db, id),
    countParts(
      db,
      items.map((experiment) => experiment.id),
    ),
    userNames(
      db,
      items.map((experiment) => experiment.createdBy),
    ),
  ]);
  const experiments = items.map((experiment) => ({
    ...experiment,
    counts: counts.get(experiment.id) ?? { versions: 0, models: 0 },
    creator: names.get(experiment.createdBy) ?? null,
  }));
  return { view, experiments, nextCursor, isFirstPage: page.cursor === null };
}

// D1 takes at most 100 values in a query, and the counts are asked for by id.
const PAGE_EXPERIMENTS = 50;

async function formPage(
  c: AppContext,
  idOrSlug: string,
  fields: Partial<Record<string, string>> = {},
  refusal?: Refusal,
): Promise<Response> {
  const db = database(c.env);
  const { id } = await requireProject(db, c.var.caller, idOrSlug, "change");
  const view = await projectView(c, db, id);
  const errors = refusal?.errors ?? [];
  return c.html(<ExperimentForm view={view} fields={fields} errors={errors} />, refusal?.status ?? 200);
}
