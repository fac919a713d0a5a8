import { Hono } from "hono";
import { database } from "../../../db.ts";
import type { AppEnv } from "../../../http.ts";
import { readDeployment, statusOf } from "../deployment-shell.tsx";
import { GeneralPage, HeaderBadges } from "./page.tsx";
import { generalView } from "./view.ts";
import { StatusCard } from "./status-card.tsx";

/** /deployments/{deployment}: the General section, and the status that it asks for again while the deployment is being built. */
export const generalPages = new Hono<AppEnv>();

generalPages.get("/deployments/:deployment", async (c) => c.html(<GeneralPage view={await generalView(c)} />));

generalPages.get("/deployments/:deployment/status", async (c) => {
  const deployment = await readDeployment(c, database(c.env));
  if (c.req.query("seen") === deployment.deployed) return c.body(null, 204);
  const status = await statusOf(c, deployment);
  return c.html(
    <>
      <StatusCard deployment={deployment} status={status} />
      <HeaderBadges deployment={deployment} status={status} swap />
    </>,
  );
});
