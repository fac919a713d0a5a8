import { Hono } from "hono";
import { readForm, refusalOf } from "../../page-form.ts";
import { database } from "../../../db.ts";
import { parseInput } from "../../../endpoint.ts";
import { AppError } from "../../../errors.ts";
import { requireExperiment } from "../../../experiments/queries.ts";
import type { AppContext, AppEnv } from "../../../http.ts";
import { verbContext } from "../../../verb-context.ts";
import { type Preview, previewInput, previewSwitch } from "../../../inference/call/preview.ts";
import { addVersion, promoteChallenger, promotionInput, versionInput } from "../../../deployments/add-version.ts";
import { switchInput } from "../../../deployments/api.ts";
import { deploymentPath, type DeploymentView, deploymentView } from "../deployment-shell.tsx";
import { listModelCandidates, type ModelCandidate } from "../../../deployments/model-choices.ts";
import { type DeploymentVersion, listDeploymentVersions } from "../../../deployments/queries.ts";
import { rollback } from "../../../deployments/rollback.ts";
import {
  allowsSchemaChange,
  type Fields,
  NewVersionPage,
  type NewVersionView,
  PromotePage,
  RollbackPage,
} from "./forms.tsx";

/** /deployments/{deployment}/versions/…: a new version, a rollback, a promotion, each with a preview before it is made. */
export const switchPages = new Hono<AppEnv>();

switchPages.get("/deployments/:deployment/versions/new", async (c) => {
  const view = await newVersionView(c);
  const { main, challenger } = view.deployment.current;
  const fields = { "main.model_id": main.id, "challenger.model_id": challenger?.id ?? "" };
  return c.html(<NewVersionPage view={view} fields={fields} />);
});

switchPages.post("/deployments/:deployment/versions/new", async (c) => {
  const fields = await readForm(c);
  const view = await newVersionView(c);
  const { deployment, candidates } = view;
  try {
    const body = bodyOf(fields, candidates);
    if (fields["intent"] === "preview") {
      const input = parseInput(previewInput, { main: body.main, challenger: body.challenger });
      const preview = await previewSwitch(verbContext(c), { deployment: deployment.id, ...input });
      return c.html(<NewVersionPage view={view} fields={fields} preview={preview} />);
    }
    await addVersion(verbContext(c), { ...switchInput(c, deployment.id), ...parseInput(versionInput, body) });
    return c.redirect(`${deploymentPath(deployment)}/versions`, 303);
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<NewVersionPage view={view} fields={fields} errors={errors} />, status);
  }
});

switchPages.get("/deployments/:deployment/versions/promote", async (c) => {
  const view = await changeView(c);
  return c.html(<PromotePage view={view} preview={await previewOfPromotion(c, view)} />);
});

switchPages.post("/deployments/:deployment/versions/promote", async (c) => {
  const fields = await readForm(c);
  const view = await changeView(c);
  const { deployment } = view;
  try {
    const input = parseInput(promotionInput, {
      note: fields["note"] ?? "",
      allow_schema_change: allowsSchemaChange(fields),
    });
    await promoteChallenger(verbContext(c), { ...switchInput(c, deployment.id), ...input });
    return c.redirect(`${deploymentPath(deployment)}/versions`, 303);
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<PromotePage view={view} preview={null} fields={fields} errors={errors} />, status);
  }
});

switchPages.get("/deployments/:deployment/versions/:number/rollback", async (c) => {
  const { view, version } = await rollbackView(c);
  const input = parseInput(previewInput, { version: version.number });
  try {
    const preview = await previewSwitch(verbContext(c), { deployment: view.deployment.id, ...input });
    return c.html(<RollbackPage view={view} version={version} preview={preview} />);
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<RollbackPage view={view} version={version} preview={null} errors={errors} />, status);
  }
});

switchPages.post("/deployments/:deployment/versions/:number/rollback", async (c) => {
  const { view, version } = await rollbackView(c);
  try {
    await rollback(verbContext(c), { ...switchInput(c, view.deployment.id), version: version.number });
    return c.redirect(`${deploymentPath(view.deployment)}/versions`, 303);
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<RollbackPage view={view} version={version} preview={null} errors={errors} />, status);
  }
});

/** What stands around a page that changes the deployment: 403 for who may only read it. */
async function changeView(c: AppContext): Promise<DeploymentView> {
  const view = await deploymentView(c);
  if (view.mayChange) return view;
  throw new AppError("forbidden", "Your role does not allow this. Ask an admin of the project for a role that does.");
}

async function newVersionView(c: AppContext): Promise<NewVersionView> {
  const view = await changeView(c);
  const db = database(c.env);
  const experiment = await requireExperiment(db, c.var.caller, view.deployment.experimentId, "read");
  return { ...view, experiment, candidates: await listModelCandidates(db, experiment) };
}

async function rollbackView(c: AppContext): Promise<{ view: DeploymentView; version: DeploymentVersion }> {
  const view = await changeView(c);
  const versions = await listDeploymentVersions(database(c.env), view.deployment.id);
  const version = versions.find(({ number }) => String(number) === c.req.param("number"));
  if (!version) throw new AppError("not_found", "Version not found.");
  return { view, version };
}

async function previewOfPromotion(c: AppContext, { deployment }: DeploymentView): Promise<Preview | null> {
  const { main, challenger } = deployment.current;
  if (!challenger) return null;
  const input = parseInput(previewInput, {
    main: { version: challenger.version, model_id: challenger.id },
    challenger: { version: main.version, model_id: main.id },
  });
  return previewSwitch(verbContext(c), { deployment: deployment.id, ...input });
}

function bodyOf(fields: Fields, candidates: readonly ModelCandidate[]) {
  const choice = (id: string) => ({ version: candidates.find((model) => model.id === id)?.version ?? 1, model_id: id });
  const challenger = fields["challenger.model_id"] ?? "";
  return {
    main: choice(fields["main.model_id"] ?? ""),
    challenger: challenger === "" ? null : choice(challenger),
    note: fields["note"] ?? "",
    allow_schema_change: allowsSchemaChange(fields),
  };
}
