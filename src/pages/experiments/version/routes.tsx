import { Hono } from "hono";
import { database } from "../../../db.ts";
import { AppError, invalid } from "../../../errors.ts";
import type { AppContext, AppEnv } from "../../../http.ts";
import { readStoredProfile } from "../../../experiments/create-version.ts";
import { FEATURES_PER_PAGE } from "./feature-table.tsx";
import { listModelLines, userNames } from "../../../experiments/page-queries.ts";
import { projectView } from "../view.ts";
import { requireVersion } from "../../../experiments/queries.ts";
import type { Upload, UploadedFile } from "../../../experiments/upload.ts";
import { VersionPage } from "./page.tsx";

/** The versions of an experiment; for the form of a new one see versionFormPages. */
export const versionPages = new Hono<AppEnv>();

versionPages.get("/experiments/:experiment/versions", (c) =>
  c.redirect(`/experiments/${encodeURIComponent(c.req.param("experiment"))}`, 303),
);

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
  throw invalid(part, message);
}
