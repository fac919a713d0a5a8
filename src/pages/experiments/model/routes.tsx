import { Hono } from "hono";
import { readForm, refusalOf } from "../../page-form.ts";
import { isAllowed } from "../../../access/rights.ts";
import { database } from "../../../db.ts";
import { AppError, isAppError } from "../../../errors.ts";
import { type AppContext, type AppEnv, isFragmentRequest } from "../../../http.ts";
import type { Finding } from "../../../onnx/finding.ts";
import { readStoredProfile } from "../../../experiments/create-version.ts";
import { deleteModel } from "../../../experiments/delete-model.ts";
import { importModel } from "../../../experiments/import/import-model.ts";
import { mappingExample } from "../../../experiments/import/mapping-example.ts";
import { verbContext } from "../../../verb-context.ts";
import { ModelDeletePage } from "./delete-page.tsx";
import { type ModelFields, ModelForm } from "./form.tsx";
import { ModelBody, ModelPage } from "./page.tsx";
import { userNames } from "../../../experiments/page-queries.ts";
import { projectView, versionHref } from "../view.ts";
import { requireModel, requireVersion } from "../../../experiments/queries.ts";
import { readUpload } from "../../../experiments/upload.ts";
import { chosenFile } from "../version/routes.tsx";

/** The models of a version: the upload, and the page of each. */
export const modelPages = new Hono<AppEnv>();

const NEW_MODEL = "/experiments/:experiment/versions/:number{[0-9]+}/models/new";

modelPages.get(NEW_MODEL, async (c) => formPage(c, { name: "", mapping: "" }));

modelPages.post(NEW_MODEL, async (c) => {
  const { experiment, number } = c.req.param();
  // The right comes before the upload: nobody need send 25 MB to learn that they may not.
  await requireVersion(database(c.env), c.var.caller, experiment, Number(number), "change");
  const fields: ModelFields = { name: "", mapping: "" };
  try {
    const upload = await readUpload(c);
    const name = await upload.text("name");
    const mapping = await upload.text("mapping");
    Object.assign(fields, { name: name ?? "", mapping: mapping ?? "" } satisfies ModelFields);
    const model = await importModel(verbContext(c), {
      experiment,
      version: Number(number),
      file: await chosenFile(upload, "file", "Choose the ONNX file of the model."),
      external: await upload.files("external"),
      name,
      mapping,
      metrics: null,
    });
    return c.redirect(`/models/${model.id}`, 303);
  } catch (error) {
    return formPage(c, fields, error);
  }
});

modelPages.get("/models/:model", async (c) => {
  const db = database(c.env);
  const { model, version, experiment } = await requireModel(db, c.var.caller, c.req.param("model"), "read");
  const isPoll = isFragmentRequest(c) && c.req.query("seen") !== undefined;
  if (isPoll && c.req.query("seen") === model.state) return c.body(null, 204);
  const [view, names] = await Promise.all([projectView(c, db, experiment.projectId), userNames(db, [model.createdBy])]);
  const body = { view, model, version, experiment, creator: names.get(model.createdBy) ?? null };
  if (isPoll) return c.html(<ModelBody {...body} />);
  const target = { projectId: experiment.projectId, createdBy: model.createdBy };
  return c.html(<ModelPage {...body} mayDelete={isAllowed(c.var.caller, "delete", target)} />);
});

modelPages.get("/models/:model/delete", async (c) => deletePage(c));

modelPages.post("/models/:model/delete", async (c) => {
  const db = database(c.env);
  const { model, version } = await requireModel(db, c.var.caller, c.req.param("model"), "delete");
  const { confirm = "" } = await readForm(c);
  try {
    if (confirm.trim() !== model.name.trim()) throw new AppError("invalid_input", "The name does not match.");
    await deleteModel(verbContext(c), { model: model.id });
  } catch (error) {
    return deletePage(c, error);
  }
  return c.redirect(versionHref(version.experimentId, version.number), 303);
});

async function formPage(c: AppContext, fields: ModelFields, error?: unknown): Promise<Response> {
  const db = database(c.env);
  const { experiment: id = "", number } = c.req.param();
  const { experiment, version } = await requireVersion(db, c.var.caller, id, Number(number), "change");
  const refusal = error === undefined ? null : refusalOf(c, error);
  const [view, { schema }] = await Promise.all([
    projectView(c, db, experiment.projectId),
    readStoredProfile(c.env.STORE, version.id),
  ]);
  const columns = schema.features.map((feature) => feature.name);
  const isClassification = experiment.task.endsWith("_classification");
  const example = mappingExample(columns, isClassification ? (schema.target?.labels ?? []) : []);
  const errors = refusal?.errors ?? [];
  const report = reportOf(error);
  const page = <ModelForm {...{ view, experiment, version, fields, errors, report, example }} />;
  return c.html(page, refusal?.status ?? 200);
}

/** The report of a model that was refused by looking at it; null for any other error. */
function reportOf(error: unknown): Finding[] | null {
  if (!isAppError(error) || error.code !== "model_refused") return null;
  const report = error.details.extra?.["report"];
  // importModel is the only one to refuse with this code, and its report is a list of findings.
  return Array.isArray(report) ? (report as Finding[]) : null;
}

async function deletePage(c: AppContext, error?: unknown): Promise<Response> {
  const db = database(c.env);
  const { model, version, experiment } = await requireModel(db, c.var.caller, c.req.param("model") ?? "", "delete");
  const refusal = error === undefined ? null : refusalOf(c, error);
  const view = await projectView(c, db, experiment.projectId);
  const message = refusal?.errors[0]?.message;
  const page = <ModelDeletePage {...{ view, model, version, experiment, message }} />;
  return c.html(page, refusal?.status ?? 200);
}
