import { Hono } from "hono";
import { database } from "../../../db.ts";
import { AppError } from "../../../errors.ts";
import type { AppEnv } from "../../../http.ts";
import { findRecord } from "../../../inference/read/list-records.ts";
import { deploymentView } from "../../deployments/deployment-shell.tsx";
import { listDeploymentVersions } from "../../../deployments/queries.ts";
import { RecordPage } from "./page.tsx";

/** /deployments/{deployment}/predictions/{id}: one record. */
export const recordPages = new Hono<AppEnv>();

recordPages.get("/deployments/:deployment/predictions/:id", async (c) => {
  const db = database(c.env);
  const view = await deploymentView(c);
  const [record, versions] = await Promise.all([
    findRecord(c.env, db, view.deployment.id, c.req.param("id")),
    listDeploymentVersions(db, view.deployment.id),
  ]);
  if (!record) throw new AppError("not_found", "Prediction not found.");
  const version = versions.find(({ number }) => number === record.version) ?? null;
  return c.html(<RecordPage view={view} record={record} version={version} />);
});
