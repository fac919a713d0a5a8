import { Hono } from "hono";
import { z } from "zod";
import { requireUser } from "../../../access/authorize.ts";
import { readForm, refusalOf } from "../../page-form.ts";
import { LIMITS } from "../../../config.ts";
import { database } from "../../../db.ts";
import { parseInput } from "../../../endpoint.ts";
import { listExperiments } from "../../../experiments/queries.ts";
import type { AppContext, AppEnv } from "../../../http.ts";
import { pageFrame } from "../../page-frame.ts";
import { requireProject } from "../../../projects/queries.ts";
import type { FormError } from "../../../ui/form-layout.tsx";
import { buildDeployment } from "../../../deployments/build-deployment.ts";
import { deploy, deploymentInput } from "../../../deployments/deploy.ts";
import { verbContext } from "../../../verb-context.ts";
import { deploymentPath } from "../deployment-shell.tsx";
import { ModelChoice } from "../model-choice.tsx";
import { listModelCandidates, type ModelCandidate } from "../../../deployments/model-choices.ts";
import { NewDeploymentPage, type NewDeploymentView } from "./page.tsx";
import { hostFor } from "../../../deployments/reach-host.ts";

/** /projects/{project}/deployments/new: chooses what to deploy, and deploys it. */
export const newPages = new Hono<AppEnv>();

newPages.get("/projects/:project/deployments/new", async (c) => {
  const view = await newDeploymentView(c, c.req.query("experiment"));
  return c.html(<NewDeploymentPage {...view} fields={firstChoice(view.candidates, c.req.query())} />);
});

newPages.get("/projects/:project/deployments/new/models", async (c) => {
  const view = await newDeploymentView(c, c.req.query("experiment"));
  const { experiment, candidates } = view;
  return c.html(
    <ModelChoice
      experiment={experiment}
      candidates={candidates}
      fields={firstChoice(candidates, c.req.query())}
      errors={[]}
    />,
  );
});

/** Most builds are done by then: the page that follows shows the outcome, and otherwise asks again. */
const BUILD_PATIENCE_MS = 1_500;

newPages.post("/projects/:project/deployments/new", async (c) => {
  const db = database(c.env);
  const fields = await readForm(c);
  const view = await newDeploymentView(c, fields["experiment_id"]);
  try {
    const input = parseInput(formInput, inputOf(fields, view.candidates));
    const deployment = await deploy(verbContext(c), { project: view.project.id, ...input });
    const host = hostFor(c.env, c.req.raw, deployment.id, deployment.currentVersion);
    const building = buildDeployment(c.env, db, deployment, host);
    c.executionCtx.waitUntil(building);
    await Promise.race([Promise.allSettled([building]), scheduler.wait(BUILD_PATIENCE_MS)]);
    return c.redirect(deploymentPath(deployment), 303);
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(
      <NewDeploymentPage {...view} fields={fields} errors={errors.map((fault) => atItsField(fault, view))} />,
      status,
    );
  }
});

const formInput = deploymentInput.extend({
  main: z.object({ version: z.int().min(1), model_id: z.string().min(1, "Choose the main model.").max(100) }),
});

/** The body that the API takes, from the fields of the form: a model's version is where it was found. */
function inputOf(fields: Partial<Record<string, string>>, candidates: readonly ModelCandidate[]): unknown {
  const choice = (id: string) => ({
    version: candidates.find((candidate) => candidate.id === id)?.version ?? 1,
    model_id: id,
  });
  const challenger = fields["challenger.model_id"] ?? "";
  return {
    name: fields["name"] ?? "",
    description: fields["description"] ?? "",
    experiment_id: fields["experiment_id"] ?? "",
    main: choice(fields["main.model_id"] ?? ""),
    challenger: challenger === "" ? null : choice(challenger),
    access: fields["access"],
    type_policy: fields["type_policy"],
  };
}

/** Where the form shows an error: of models there is one field each, and none before an experiment is chosen. */
function atItsField({ path, message }: FormError, { experiment }: NewDeploymentView): FormError {
  if (path === "experiment_id") return { path: "experiment", message };
  const role = path?.match(/^(main|challenger)\b/)?.[1];
  if (role === undefined) return { path, message };
  return experiment
    ? { path: `${role}.model_id`, message }
    : { path: "experiment", message: "Choose an experiment first." };
}

/** What an address asks to be chosen (`model`, else the newest of `version`), or the only model there is. */
function firstChoice(
  candidates: readonly ModelCandidate[],
  query: Record<string, string>,
): Partial<Record<string, string>> {
  const ready = candidates.filter(({ isReady }) => isReady);
  const asked =
    ready.find(({ id }) => id === query["model"]) ?? ready.find(({ version }) => String(version) === query["version"]);
  const chosen = asked ?? (ready.length === 1 ? ready[0] : undefined);
  return chosen ? { "main.model_id": chosen.id } : {};
}

async function newDeploymentView(c: AppContext, experimentId: string | undefined): Promise<NewDeploymentView> {
  const db = database(c.env);
  const { caller } = c.var;
  const project = await requireProject(db, caller, c.req.param("project") ?? "", "change");
  const [frame, { items: experiments }] = await Promise.all([
    pageFrame(db, requireUser(caller), project),
    listExperiments(db, caller, project.id, { limit: LIMITS.listItemsMax, cursor: null }),
  ]);
  const only = experiments.length === 1 ? experiments[0] : undefined;
  const experiment = experiments.find(({ id }) => id === experimentId) ?? only ?? null;
  const candidates = experiment ? await listModelCandidates(db, experiment) : [];
  return { frame, project, experiments, experiment, candidates };
}
