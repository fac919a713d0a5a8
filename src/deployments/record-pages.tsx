import { Hono } from "hono";
import { z } from "zod";
import { database } from "../db.ts";
import { AppError } from "../errors.ts";
import { type AppEnv, pageRequest } from "../http.ts";
import { findRecord, listRecords } from "../inference/list-records.ts";
import { deploymentView } from "./deployment-shell.tsx";
import { listDeploymentVersions } from "./queries.ts";
import { RecordPage } from "./record-page.tsx";
import { RecordsPage } from "./records-page.tsx";

/** /deployments/{deployment}/predictions: what was recorded, and one record. */
export const recordPages = new Hono<AppEnv>();

// Anything may stand in an address that people edit: what makes no sense is left out.
const filterQuery = z.object({
  version: z.coerce.number().int().min(1).nullable().catch(null).default(null),
  disagree: z.literal("true").optional().catch(undefined),
});

recordPages.get("/deployments/:deployment/predictions", async (c) => {
  const db = database(c.env);
  const view = await deploymentView(c);
  const { version, disagree } = filterQuery.parse(c.req.query());
  const filter = { version, disagree: disagree === "true" };
  const page = pageRequest(c);
  const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  const [{ items, nextCursor }, versions] = await Promise.all([
    listRecords(c.env, db, view.deployment.id, { ...everything, source: "online", ...filter }, page),
    listDeploymentVersions(db, view.deployment.id),
  ]);
  return c.html(
    <RecordsPage
      view={view}
      records={items}
      filter={filter}
      versions={versions}
      nextCursor={nextCursor}
      isFirst={page.cursor === null}
    />,
  );
});

recordPages.get("/deployments/:deployment/predictions/:id", async (c) => {
  const db = database(c.env);
  const view = await deploymentView(c);
  const [record, versions] = await Promise.all([
    findRecord(c.env, db, view.deployment.id, c.req.param("id")),
    listDeploymentVersions(db, view.deployment.id),
  ]);
  if (!record) throw new AppError("not_found", "There is no recorded prediction with this id.");
  const version = versions.find(({ number }) => number === record.version) ?? null;
  return c.html(<RecordPage view={view} record={record} version={version} />);
});
