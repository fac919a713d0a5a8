import type { Hono } from "hono";
import type { AppEnv } from "../http.ts";
import { trainingDatasets } from "../pipelines/datasets/training-datasets.ts";
import { accountPages } from "./account/routes.tsx";
import { alertPages } from "./alerts/routes.tsx";
import { auditPages } from "./audit/routes.tsx";
import { connectionPages } from "./connections/routes.tsx";
import { datasetPages } from "./datasets/routes.tsx";
import { deletePages } from "./deployments/delete/routes.tsx";
import { generalPages } from "./deployments/general/routes.tsx";
import { keyPages } from "./deployments/keys/routes.tsx";
import { listPages } from "./deployments/list/routes.tsx";
import { newPages } from "./deployments/new/routes.tsx";
import { predictionsPages } from "./records/list/routes.tsx";
import { switchPages } from "./deployments/switch/routes.tsx";
import { versionPages } from "./deployments/versions/routes.tsx";
import { docsPages } from "./docs/routes.tsx";
import { experimentPages } from "./experiments/experiment/routes.tsx";
import { modelPages } from "./experiments/model/routes.tsx";
import { versionFormPages } from "./experiments/new-version/routes.tsx";
import { versionPages as experimentVersionPages } from "./experiments/version/routes.tsx";
import { formPages } from "./forms/routes.tsx";
import { invitationPages } from "./invitations/routes.tsx";
import { memberPages } from "./members/routes.tsx";
import { performancePages } from "./monitoring/performance/routes.tsx";
import { monitoringPages } from "./monitoring/routes.tsx";
import { monitoringSettingsPages } from "./monitoring/settings/routes.tsx";
import { pipelineFormPages } from "./pipelines/form/routes.tsx";
import { pipelinePages } from "./pipelines/routes.tsx";
import { projectPages } from "./projects/routes.tsx";
import { settingsPages } from "./projects/settings-routes.tsx";
import { recordPages } from "./records/record/routes.tsx";
import { runPages } from "./runs/routes.tsx";
import { setupPages } from "./setup/routes.tsx";
import { signInPages } from "./sign-in/routes.tsx";
import { usagePages } from "./usage/routes.tsx";
import { userPages } from "./users/routes.tsx";

/** Every page of the product. `document` gives the OpenAPI document, which the page of the whole API shows. */
export function mountPages(app: Hono<AppEnv>, document: () => unknown): void {
  app.route("/setup", setupPages);
  app.route("/account", accountPages);
  app.route("/invitations", invitationPages);
  app.route("/users", userPages);
  const pages = [
    signInPages,
    memberPages,
    settingsPages,
    auditPages,
    projectPages,
    listPages,
    newPages,
    generalPages,
    keyPages,
    deletePages,
    recordPages,
    versionPages,
    switchPages,
    alertPages,
    monitoringPages,
    performancePages,
    monitoringSettingsPages,
    usagePages,
    connectionPages,
    datasetPages,
    pipelinePages,
    pipelineFormPages,
    runPages,
    predictionsPages,
    formPages,
    docsPages(document),
    experimentVersionPages,
    modelPages,
    experimentPages,
    versionFormPages(trainingDatasets),
  ];
  for (const routes of pages) app.route("/", routes);
}
