import { fromHono } from "chanfana";
import { Hono } from "hono";
import type { ErrorHandler } from "hono";
import { mountAccessApi } from "./access/api.ts";
import { authenticate } from "./access/authenticate.ts";
import { accessPages } from "./pages/sign-in/routes.tsx";
import { refuseForeignOrigin } from "./access/same-origin.ts";
import { alertPages } from "./pages/alerts/routes.tsx";
import { mountAlertsApi } from "./alerts/api.ts";
import { AppError, isAppError, STATUS_OF_CODE } from "./errors.ts";
import {
  type AppContext,
  type AppEnv,
  isFragmentRequest,
  problemOf,
  problemResponse,
  requestIdOf,
  wantsPage,
} from "./http.ts";
import { describeOtherRoutes } from "./docs/describe-routes.ts";
import { docsPages } from "./pages/docs/routes.tsx";
import { forgetDeploymentsOf } from "./deployments/find-deployment.ts";
import { mountDeploymentsApi } from "./deployments/api.ts";
import { deploymentPages } from "./pages/deployments/routes.ts";
import { mountExperimentsApi } from "./experiments/api.ts";
import { experimentPages } from "./pages/experiments/experiment/routes.tsx";
import { versionFormPages } from "./pages/experiments/new-version/routes.tsx";
import { formPages } from "./pages/forms/routes.tsx";
import { mountInferenceApi } from "./inference/api.ts";
import { mountMonitoringApi } from "./monitoring/api.ts";
import { monitoringPages } from "./pages/monitoring/routes.tsx";
import { performancePages } from "./pages/monitoring/performance/routes.tsx";
import { openInference } from "./open-inference/routes.ts";
import { mountConnectionsApi } from "./pipelines/connections/api.ts";
import { connectionPages } from "./pages/connections/routes.tsx";
import { mountDatasetsApi } from "./pipelines/datasets/api.ts";
import { datasetPages } from "./pages/datasets/routes.tsx";
import { trainingDatasets } from "./pipelines/datasets/training-datasets.ts";
import { mountPipelinesApi } from "./pipelines/definitions/api.ts";
import { pipelineFormPages } from "./pages/pipelines/form/routes.tsx";
import { pipelinePages } from "./pages/pipelines/routes.tsx";
import { predictionsPages } from "./pages/deployments/predictions/routes.tsx";
import { runPages } from "./pages/runs/routes.tsx";
import { mountRunsApi } from "./pipelines/runs/runs-api.ts";
import { mountScheduleApi } from "./pipelines/schedules/schedule-api.ts";
import { mountProjectsApi } from "./projects/api.ts";
import { whenProjectIsDeleted } from "./projects/delete-project.ts";
import { projectPages } from "./pages/projects/routes.tsx";
import { mountUsageApi } from "./usage/api.ts";
import { usagePages } from "./pages/usage/routes.tsx";
import { ErrorPage } from "./ui/error-page.tsx";
import { pageHeaders } from "./ui/page-headers.ts";
import { serveStatic } from "./ui/serve-static.ts";
import { VERSION } from "./version.ts";

whenProjectIsDeleted(forgetDeploymentsOf);

/** The product's route map: what runs before every route, and which domain answers which path. */
export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.onError(answerError);
  app.notFound((c) => answerError(new AppError("not_found", "There is nothing at this address."), c));

  app.use(async (c, next) => {
    await next();
    c.header("x-request-id", requestIdOf(c));
  });
  app.get("/static/*", pageHeaders, serveStatic);
  app.get("/health", pageHeaders, (c) => c.json({ status: "ok", version: VERSION }));
  app.route("/", openInference());
  app.use(pageHeaders, refuseForeignOrigin, authenticate);

  const api = fromHono(app, {
    docs_url: null,
    redoc_url: null,
    openapi_url: "/openapi.json",
    openapiVersion: "3.1",
    passthroughErrors: true,
    schema: { info: { title: "Tiltyard", version: VERSION }, security: [{ bearer: [] }] },
  });
  api.registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "A personal token (acts as its user), or the API key of one deployment",
  });
  mountAccessApi(api);
  mountProjectsApi(api);
  mountExperimentsApi(api, trainingDatasets);
  mountDeploymentsApi(api);
  mountInferenceApi(api);
  mountMonitoringApi(api);
  mountAlertsApi(api);
  mountUsageApi(api);
  mountConnectionsApi(api);
  mountDatasetsApi(api);
  mountPipelinesApi(api);
  mountScheduleApi(api);
  mountRunsApi(api);
  describeOtherRoutes(api);
  app.route("/", accessPages);
  app.route("/", projectPages);
  app.route("/", deploymentPages);
  app.route("/", alertPages);
  app.route("/", monitoringPages);
  app.route("/", performancePages);
  app.route("/", usagePages);
  app.route("/", connectionPages);
  app.route("/", datasetPages);
  app.route("/", pipelinePages);
  app.route("/", pipelineFormPages);
  app.route("/", runPages);
  app.route("/", predictionsPages);
  app.route("/", formPages);
  app.route(
    "/",
    docsPages(() => api.schema),
  );
  app.route("/", experimentPages);
  app.route("/", versionFormPages(trainingDatasets));
  return app;
}

/** One place turns an error into an answer: a refusal as it is, anything else as a 500 that says nothing of the inside. */
const answerError: ErrorHandler<AppEnv> = (error, c) => {
  const requestId = requestIdOf(c);
  if (!isAppError(error)) console.error(`request ${requestId}`, error);
  const refusal = isAppError(error)
    ? error
    : new AppError("internal", "This is our fault, not yours. Try again; if it stays, report the request id.");
  if (!wantsPage(c)) return problemResponse(refusal, requestId);
  if (refusal.code === "unauthorized" && c.req.header("authorization") === undefined) return sendToSignIn(c);
  const { status, title, detail } = problemOf(refusal, requestId);
  const page = (
    <ErrorPage status={status} title={title} message={detail} requestId={requestId} assetVersion={VERSION} />
  );
  const retryAfter = refusal.details?.retryAfterSeconds;
  if (retryAfter !== undefined) c.header("retry-after", String(retryAfter));
  return c.html(page, STATUS_OF_CODE[refusal.code]);
};

/** To the sign-in and back again. A fragment would show the sign-in inside the page, so htmx is told to go there. */
function sendToSignIn(c: AppContext): Response {
  const { pathname, search } = new URL(c.req.url);
  const isReadable = c.req.method === "GET" && !isFragmentRequest(c);
  const address = isReadable ? `/sign-in?next=${encodeURIComponent(pathname + search)}` : "/sign-in";
  if (isFragmentRequest(c)) return c.body(null, 401, { "hx-redirect": address });
  return c.redirect(address, 303);
}
