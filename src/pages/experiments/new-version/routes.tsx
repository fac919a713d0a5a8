import { Hono } from "hono";
import { refusalOf } from "../../page-form.ts";
import { database } from "../../../db.ts";
import { invalid } from "../../../errors.ts";
import type { AppContext, AppEnv } from "../../../http.ts";
import { createVersion } from "../../../experiments/create-version.ts";
import { projectView, versionHref } from "../view.ts";
import type { ProjectDatasets } from "../../../experiments/project-datasets.ts";
import { requireExperiment } from "../../../experiments/queries.ts";
import {
  DATASET_FIELDS,
  namingDatasets,
  readDataset,
  type SentVersion,
} from "../../../experiments/read-version-input.ts";
import { readUpload, type Upload } from "../../../experiments/upload.ts";
import { verbContext } from "../../../verb-context.ts";
import { VersionForm } from "./form.tsx";
import { chosenFile } from "../version/routes.tsx";

const PATH = "/experiments/:experiment/versions/new";

/** The form for a new version; `datasets` are what may be chosen there instead of a file. */
export function versionFormPages(datasets: ProjectDatasets): Hono<AppEnv> {
  const pages = new Hono<AppEnv>();

  pages.get(PATH, async (c) => {
    const offer = await offered(c, datasets);
    return c.html(<VersionForm {...offer} datasetId="" schema="" errors={[]} />);
  });

  pages.post(PATH, async (c) => {
    // The right comes before the upload: nobody need send 25 MB to learn that they may not.
    const offer = await offered(c, datasets);
    const { experiment } = offer;
    const stores = { db: database(c.env), store: c.env.STORE };
    const kept = { datasetId: "", schema: "" };
    try {
      const upload = await readUpload(c);
      kept.schema = (await upload.text("schema")) ?? "";
      kept.datasetId = (await upload.text(DATASET_FIELDS.reference)) ?? "";
      const { input, ofDatasets } = await chosenVersion(upload, offer.datasets.length > 0, (id, holdout) =>
        readDataset({ ...stores, datasets }, experiment.projectId, "reference", id, holdout),
      );
      const version = await namingDatasets(ofDatasets, () =>
        createVersion(verbContext(c), { experiment: experiment.id, ...input }),
      );
      return c.redirect(versionHref(experiment.id, version.number), 303);
    } catch (error) {
      const { status, errors: found } = refusalOf(c, error);
      // What a verb says about no part in particular, such as a target that is missing, is about the training data.
      const path = kept.datasetId === "" ? "reference" : DATASET_FIELDS.reference;
      const errors = status === 422 ? found.map((one) => ({ path, ...one })) : found;
      return c.html(<VersionForm {...offer} {...kept} errors={errors} />, status);
    }
  });

  return pages;
}

/** What the form stands in and offers, for contributors: 401, 403 or 404 otherwise. */
async function offered(c: AppContext, datasets: ProjectDatasets) {
  const db = database(c.env);
  const { caller } = c.var;
  const experiment = await requireExperiment(db, caller, c.req.param("experiment") ?? "", "change");
  const [view, offer] = await Promise.all([
    projectView(c, db, experiment.projectId),
    datasets.offered(db, caller, experiment.projectId),
  ]);
  return { view, experiment, datasets: offer };
}

/** What was chosen: the training data are a file or a dataset, and 422 where they are both or neither. */
async function chosenVersion(
  upload: Upload,
  hasDatasets: boolean,
  read: (id: string, holdout: Uint8Array | null) => Promise<Uint8Array>,
): Promise<SentVersion> {
  const datasetId = await upload.text(DATASET_FIELDS.reference);
  const rest = { holdout: (await upload.file("holdout"))?.bytes ?? null, schema: await upload.json("schema") };
  if (datasetId === null) {
    const absent = `Choose the CSV of the training data${hasDatasets ? ", or a dataset" : ""}.`;
    const { bytes } = await chosenFile(upload, "reference", absent);
    return { input: { reference: bytes, ...rest }, ofDatasets: [] };
  }
  if (await upload.file("reference")) {
    const message = "Choose either a file or a dataset as training data, not both.";
    throw invalid(DATASET_FIELDS.reference, message);
  }
  return { input: { reference: await read(datasetId, rest.holdout), ...rest }, ofDatasets: ["reference"] };
}
