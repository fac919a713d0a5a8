import { Hono } from "hono";
import { readForm, refusalOf } from "../page-form.ts";
import { authorize } from "../../access/authorize.ts";
import { database } from "../../db.ts";
import { requireDeployment, targetOf } from "../../deployments/find-deployment.ts";
import { parseInput } from "../../endpoint.ts";
import type { AppContext, AppEnv } from "../../http.ts";
import { verbContext } from "../../verb-context.ts";
import { AlertsPage, alertsPath, DeleteAlertPage } from "./page.tsx";
import { alertsView } from "./view.ts";
import { alertInput, createAlert } from "../../alerts/create-alert.ts";
import { deleteAlert } from "../../alerts/delete-alert.ts";
import { requireAlert } from "../../alerts/queries.ts";
import { testAlert } from "../../alerts/test-alert.ts";

/** /deployments/{deployment}/alerts: seen by who may read it, made, tested and deleted by contributors. */
export const alertPages = new Hono<AppEnv>();

alertPages.get("/deployments/:deployment/alerts", async (c) => c.html(<AlertsPage view={await alertsView(c)} />));

// Answered with the page itself and not with a redirect: the secret is nowhere to be read a second time.
alertPages.post("/deployments/:deployment/alerts", async (c) => {
  const deployment = await changedDeployment(c);
  const fields = await readForm(c);
  try {
    const input = { deployment: deployment.id, ...parseInput(alertInput, bodyOf(fields)) };
    const { alert, signingSecret } = await createAlert(verbContext(c), input);
    return c.html(<AlertsPage view={await alertsView(c)} created={{ alert, secret: signingSecret }} />, 201);
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<AlertsPage view={await alertsView(c)} form={{ fields, errors }} />, status);
  }
});

alertPages.post("/deployments/:deployment/alerts/:alert/test", async (c) => {
  const { id } = await changedDeployment(c);
  const alert = await requireAlert(database(c.env), id, c.req.param("alert"));
  const result = await testAlert(verbContext(c), { deployment: id, alert: alert.id });
  return c.html(<AlertsPage view={await alertsView(c)} tested={{ alert, result }} />);
});

alertPages.get("/deployments/:deployment/alerts/:alert/delete", async (c) => {
  const deployment = await changedDeployment(c);
  const alert = await requireAlert(database(c.env), deployment.id, c.req.param("alert"));
  authorize(c.var.caller, "delete", { ...targetOf(deployment), createdBy: alert.createdBy });
  return c.html(<DeleteAlertPage view={await alertsView(c)} alert={alert} />);
});

alertPages.post("/deployments/:deployment/alerts/:alert/delete", async (c) => {
  const deployment = await changedDeployment(c);
  await deleteAlert(verbContext(c), { deployment: deployment.id, alert: c.req.param("alert") });
  return c.redirect(alertsPath(deployment), 303);
});

function changedDeployment(c: AppContext) {
  return requireDeployment(database(c.env), c.var.caller, c.req.param("deployment") ?? "", "change");
}

/** The fields of the form as the API takes them; an empty field is one that was not given. */
function bodyOf(fields: Partial<Record<string, string>>): unknown {
  const given = (name: string): string | null => fields[name]?.trim() || null;
  const threshold = given("threshold");
  return {
    kind: fields["kind"],
    threshold: threshold === null ? null : Number(threshold),
    metric: given("metric"),
    notify: { webhook_url: given("notify.webhook_url"), email: given("notify.email") },
  };
}
