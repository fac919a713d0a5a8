import { Hono } from "hono";
import { readForm, refusalOf } from "../page-form.ts";
import { LIMITS } from "../../config.ts";
import { AppError } from "../../errors.ts";
import { readUpload } from "../../experiments/upload.ts";
import { chosenFile } from "../experiments/version/routes.tsx";
import { type AppContext, type AppEnv, isFragmentRequest } from "../../http.ts";
import { verbContext } from "../../verb-context.ts";
import { type ProjectPageView, projectPageView } from "../project-shell.tsx";
import { authorize } from "../../access/authorize.ts";
import { createDataset } from "../../pipelines/datasets/create-dataset.ts";
import { DatasetDeletePage } from "./delete-page.tsx";
import { DatasetsCard, DatasetsPage, datasetsPath } from "./list-page.tsx";
import { datasetsView, statesOf } from "./view.ts";
import { deleteDataset } from "../../pipelines/datasets/delete-dataset.ts";
import { inspectSoon } from "../../pipelines/datasets/inspect-soon.ts";
import { NewDatasetPage } from "./new-page.tsx";
import { purgeDatasets } from "../../pipelines/datasets/purge-datasets.ts";
import { type DatasetRow, findDataset } from "../../pipelines/datasets/queries.ts";
import { uploadedBody } from "../../pipelines/datasets/read-body.ts";

/** /projects/{project}/datasets: seen by its viewers, uploaded and deleted by its contributors. */
export const datasetPages = new Hono<AppEnv>();

const PATH = "/projects/:project/datasets";

datasetPages.get(PATH, async (c) => {
  const view = await datasetsView(c);
  const seen = c.req.query("seen");
  if (!isFragmentRequest(c) || seen === undefined) return c.html(<DatasetsPage view={view} />);
  return seen === statesOf(view) ? c.body(null, 204) : c.html(<DatasetsCard view={view} />);
});

datasetPages.get(`${PATH}/new`, async (c) =>
  c.html(<NewDatasetPage view={await projectPageView(c, "change")} name="" errors={[]} />),
);

datasetPages.post(`${PATH}/new`, async (c) => {
  // The right comes before the upload: nobody need send 25 MB to learn that they may not.
  const view = await projectPageView(c, "change");
  let name: string | null = null;
  try {
    const upload = await readUpload(c);
    name = await upload.text("name");
    const file = await chosenFile(upload, "file", "Choose a CSV or Parquet file.");
    const input = { project: view.project.id, ...uploadedBody(file, name) };
    const dataset = await createDataset(verbContext(c), input);
    await inspectSoon({ store: c.env.STORE, db: view.db }, (work) => c.executionCtx.waitUntil(work), dataset);
  } catch (error) {
    const { status, errors: found } = refusalOf(c, error);
    const errors = status === 413 ? [TOO_LARGE] : found;
    return c.html(<NewDatasetPage view={view} name={name ?? ""} errors={errors} />, status);
  }
  return c.redirect(datasetsPath(view.project), 303);
});

const TOO_LARGE = {
  path: "file",
  message: `A file sent in one piece may be at most ${LIMITS.uploadBytesMax / 1_000_000} MB. With JavaScript, this page sends larger files in parts. The API accepts parts too.`,
};

datasetPages.get(`${PATH}/:dataset/delete`, async (c) => {
  const { dataset, ...view } = await namedDataset(c);
  authorize(c.var.caller, "delete", dataset);
  return c.html(<DatasetDeletePage view={view} dataset={dataset} message={undefined} />);
});

datasetPages.post(`${PATH}/:dataset/delete`, async (c) => {
  const { dataset, ...view } = await namedDataset(c);
  authorize(c.var.caller, "delete", dataset);
  const { confirm = "" } = await readForm(c);
  try {
    if (confirm.trim() !== dataset.name.trim()) throw new AppError("invalid_input", "The name does not match.");
    await deleteDataset(verbContext(c), { dataset: dataset.id });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<DatasetDeletePage view={view} dataset={dataset} message={errors[0]?.message} />, status);
  }
  c.executionCtx.waitUntil(purgeDatasets(c.env, view.db, Date.now()));
  return c.redirect(datasetsPath(view.project), 303);
});

/** The dataset that the address names, for contributors of its project: 401, 403 or 404 otherwise. */
async function namedDataset(c: AppContext): Promise<ProjectPageView & { dataset: DatasetRow }> {
  const view = await projectPageView(c, "change");
  const dataset = await findDataset(view.db, view.project.id, c.req.param("dataset") ?? "");
  if (dataset) return { ...view, dataset };
  throw new AppError("not_found", "Dataset not found in this project.");
}
