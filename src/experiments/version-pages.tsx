import { Hono } from "hono";
import { refusalOf } from "../access/page-form.ts";
import { database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { AppContext, AppEnv } from "../http.ts";
import { createVersion, readStoredProfile } from "./create-version.ts";
import { FEATURES_PER_PAGE } from "./feature-table.tsx";
import { listModelLines, userNames } from "./page-queries.ts";
import { projectView, versionHref } from "./page-view.ts";
import { requireExperiment, requireVersion } from "./queries.ts";
import { readUpload, type Upload, type UploadedFile } from "./upload.ts";
import { VersionForm } from "./version-form.tsx";
import { VersionPage } from "./version-page.tsx";

/** The versions of an experiment. */
export const versionPages = new Hono<AppEnv>();

versionPages.get("/experiments/:experiment/versions", (c) =>
  c.redirect(`/experiments/${encodeURIComponent(c.req.param("experiment"))}`, 303),
);

versionPages.get("/experiments/:experiment/versions/new", async (c) => {
  const db = database(c.env);
  const experiment = await requireExperiment(db, c.var.caller, c.req.param("experiment"), "change");
  const view = await projectView(c, db, experiment.projectId);
  return c.html(<VersionForm view={view} experiment={experiment} schema="" errors={[]} />);
});

versionPages.post("/experiments/:experiment/versions/new", async (c) => {
  const db = database(c.env);
  const { caller } = c.var;
  // The right comes before the upload: nobody need send 25 MB to learn that they may not.
  const experiment = await requireExperiment(db, caller, c.req.param("experiment"), "change");
  let schema = "";
  try {
    const upload = await readUpload(c);
    schema = (await upload.text("schema")) ?? "";
    const version = await createVersion({ db, store: c.env.STORE, caller, nowMs: Date.now() }, experiment.id, {
      reference: (await chosenFile(upload, "reference", "Choose the CSV of the training data.")).bytes,
      holdout: (await upload.file("holdout"))?.bytes ?? null,
      schema: await upload.json("schema"),
    });
    return c.redirect(versionHref(experiment.id, version.number), 303);
  } catch (error) {
    const { status, errors: found } = refusalOf(c, error);
    // What a verb says about no part in particular, such as a target that is missing, is about the training data.
    const errors = status === 422 ? found.map((one) => ({ path: "reference", ...one })) : found;
    const view = await projectView(c, db, experiment.projectId);
    return c.html(<VersionForm view={view} experiment={experiment} schema={schema} errors={errors} />, status);
  }
});

versionPages.get("/experiments/:experiment/versions/:number{[0-9]+}", async (c) => {
  const db = database(c.env);
  const { experiment: id, number } = c.req.param();
  const { experiment, version } = await requireVersion(db, c.var.caller, id, Number(number), "read");
  const [view, models, names, stored] = await Promise.all([
    projectView(c, db, experiment.projectId),
    listModelLines(db, experiment.id, version.number),
    userNames(db, [version.createdBy]),
    version.state === "succeeded" ? readStoredProfile(c.env.STORE, version.id) : null,
  ]);
  const creator = names.get(version.createdBy) ?? null;
  const page = featurePage(c, version.features.length);
  const profile = stored?.profile ?? null;
  return c.html(<VersionPage {...{ view, experiment, version, models, creator, page, profile }} />);
});

/** The page of the features table that is asked for, from 1. */
function featurePage(c: AppContext, features: number): number {
  const page = Number(c.req.query("page") ?? "1");
  const last = Math.max(1, Math.ceil(features / FEATURES_PER_PAGE));
  if (Number.isInteger(page) && page >= 1 && page <= last) return page;
  throw new AppError("not_found", `The features of this version have ${last === 1 ? "one page" : `${last} pages`}.`);
}

/** The file of a field that a person must fill in. */
export async function chosenFile(upload: Upload, part: string, message: string): Promise<UploadedFile> {
  const file = await upload.file(part);
  if (file) return file;
  throw new AppError("invalid_input", message, { errors: [{ path: part, message }] });
}
