import { fromHono } from "chanfana";
import { Hono } from "hono";
import type { ErrorHandler } from "hono";
import { mountAccessApi } from "./access/api.ts";
import { authenticate } from "./access/authenticate.ts";
import { refuseForeignOrigin } from "./access/same-origin.ts";
import { mountAlertsApi } from "./alerts/api.ts";
import { AppError, STATUS_OF_CODE } from "./errors.ts";
import {
  type AppContext,
  type AppEnv,
  drainBody,
  isFragmentRequest,
  problemOf,
  problemResponse,
  refusalFor,
  refusalHeaders,
  refusalOnPage,
  requestIdOf,
  wantsPage,
} from "./http.ts";
import { describeOtherRoutes } from "./docs/describe-routes.ts";
import { corsOfPublic } from "./deployments/cors-of-public.ts";
import { forgetDeploymentsOf } from "./deployments/find-deployment.ts";
import { mountDeploymentsApi } from "./deployments/api.ts";
import { mountExperimentsApi } from "./experiments/api.ts";
import { mountInferenceApi } from "./inference/api.ts";
import { mountMonitoringApi } from "./monitoring/api.ts";
import { mountMonitoringSettingsApi } from "./monitoring/settings-api.ts";
import { mountPages } from "./pages/routes.ts";
import { openInference } from "./open-inference/routes.ts";
import { mountConnectionsApi } from "./pipelines/connections/api.ts";
import { mountDatasetsApi } from "./pipelines/datasets/api.ts";
import { trainingDatasets } from "./pipelines/datasets/training-datasets.ts";
import { mountPipelinesApi } from "./pipelines/definitions/api.ts";
import { mountRunsApi } from "./pipelines/runs/runs-api.ts";
import { mountScheduleApi } from "./pipelines/schedules/schedule-api.ts";
import { mountProjectsApi } from "./projects/api.ts";
import { whenProjectIsDeleted } from "./projects/delete-project.ts";
import { mountUsageApi } from "./usage/api.ts";
import { methodsOf, wrongMethod } from "./methods-of.ts";
import { ErrorPage } from "./ui/error-page.tsx";
import { pageHeaders } from "./page-headers.ts";
import { serveStatic } from "./serve-static.ts";
import { VERSION } from "./version.ts";

whenProjectIsDeleted(forgetDeploymentsOf);

/** The product's route map: what runs before every route, and which domain answers which path. */
export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  const methodsAt = methodsOf(app);
  app.onError(answerError);
  app.notFound((c) => answerNowhere(c, methodsAt(c.req.path)));

  app.use(async (c, next) => {
    const { raw } = c.req;
    await next();
    await drainBody(raw);
    c.header("x-request-id", requestIdOf(c));
  });
  app.use(corsOfPublic);
  app.get("/static/*", pageHeaders, serveStatic);
  app.get("/health", pageHeaders, (c) =>
    c.json({ status: "ok", version: VERSION, ...(c.env.BUILD && { build: c.env.BUILD }) }),
  );
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
  mountMonitoringSettingsApi(api);
  mountAlertsApi(api);
  mountUsageApi(api);
  mountConnectionsApi(api);
  mountDatasetsApi(api);
  mountPipelinesApi(api);
  mountScheduleApi(api);
  mountRunsApi(api);
  describeOtherRoutes(api);
  mountPages(app, () => api.schema);
  return app;
}

/** At an address that no route has with this method. */
function answerNowhere(c: AppContext, methods: string[]): Response | Promise<Response> {
  try {
    if (methods.length > 0) return wrongMethod(c, methods);
    throw new AppError("not_found", "This address does not exist.");
  } catch (error) {
    return answerError(error instanceof Error ? error : new Error(String(error)), c);
  }
}

/** Turns every error into an answer: a refusal as it is, anything else into a 500 without internal details. */
const answerError: ErrorHandler<AppEnv> = (error, c) => {
  const requestId = requestIdOf(c);
  const isForPrograms = c.req.path.startsWith("/api/") || c.req.path.endsWith("/openapi.json");
  const refusal = (isForPrograms ? refusalFor : refusalOnPage)(error, requestId);
  if (!wantsPage(c)) return problemResponse(refusal, requestId);
  if (refusal.code === "unauthorized" && c.req.header("authorization") === undefined) return sendToSignIn(c);
  const { status, title, detail } = problemOf(refusal, requestId);
  const page = (
    <ErrorPage status={status} title={title} message={detail} requestId={requestId} assetVersion={VERSION} />
  );
  for (const [name, value] of refusalHeaders(refusal)) c.header(name, value);
  return c.html(page, STATUS_OF_CODE[refusal.code]);
};

/** Sends the browser to the sign-in page and back. htmx would put that page inside the current one, so it gets a redirect header. */
function sendToSignIn(c: AppContext): Response {
  const { pathname, search } = new URL(c.req.url);
  const isReadable = c.req.method === "GET" && !isFragmentRequest(c);
  const address = isReadable ? `/sign-in?next=${encodeURIComponent(pathname + search)}` : "/sign-in";
  if (isFragmentRequest(c)) return c.body(null, 401, { "hx-redirect": address });
  return c.redirect(address, 303);
}
