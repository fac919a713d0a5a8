import { hidden } from "../../access/authorize.ts";
import { Hono } from "hono";
import { database } from "../../db.ts";
import { type DeploymentRow, requireDeployment } from "../../deployments/find-deployment.ts";
import { type AppContext, type AppEnv, originOf } from "../../http.ts";
import {
  describeOutputs,
  describeSendable,
  fullExampleRow,
  optionalFeatures,
} from "../../inference/spec/describe-deployment.ts";
import { findServingSpec } from "../../inference/spec/find-serving-spec.ts";
import type { ServingSpec } from "../../inference/spec/serving-spec.ts";
import { readApiDocument } from "../../docs/api-document.ts";
import { ApiPage } from "./api-page.tsx";
import { deploymentOpenapi } from "../../docs/deployment-openapi.ts";
import { DeploymentDocsPage, type DeploymentDocs } from "./deployment-page.tsx";
import { exampleActuals, exampleAnswer } from "../../docs/example-answer.ts";
import { completeCategories } from "../../docs/feature-facts.ts";
import { exampleInference } from "../../docs/infer-operations.ts";

/** /docs, the whole API; /docs/{slug}, that of one deployment. `document` gives the OpenAPI document of the app. */
export function docsPages(document: () => unknown): Hono<AppEnv> {
  const pages = new Hono<AppEnv>();

  pages.get("/docs", (c) => c.html(<ApiPage api={readApiDocument(document())} />));

  pages.get("/docs/:slug", async (c) => {
    const { deployment, spec } = await openDeployment(c, c.req.param("slug"));
    return c.html(<DeploymentDocsPage docs={docsOf(deployment, spec, originOf(c))} />);
  });

  pages.get("/docs/:slug/openapi.json", async (c) => {
    const { deployment, spec } = await openDeployment(c, c.req.param("slug"));
    return c.json(deploymentOpenapi(deployment, spec, originOf(c)));
  });

  return pages;
}

/** What is documented is known before the deployment runs, so it need not run. */
async function openDeployment(c: AppContext, slug: string): Promise<{ deployment: DeploymentRow; spec: ServingSpec }> {
  const db = database(c.env);
  const deployment = await requireDeployment(db, c.var.caller, slug, "predict");
  const spec = await findServingSpec(db, deployment.id, deployment.currentVersion);
  if (!spec) throw hidden();
  return { deployment, spec };
}

function docsOf(deployment: DeploymentRow, spec: ServingSpec, origin: string): DeploymentDocs {
  const optional = new Set(optionalFeatures(spec).map(({ name }) => name));
  return {
    deployment,
    version: spec.version,
    origin,
    inputs: describeSendable(spec).map((input) => ({
      ...input,
      isOptional: optional.has(input.name),
      isComplete: completeCategories(spec, input.name) !== null,
    })),
    outputs: describeOutputs(spec),
    exampleRow: fullExampleRow(spec),
    exampleAnswer: exampleAnswer(spec),
    exampleActuals: exampleActuals(spec),
    exampleInference: exampleInference(spec),
  };
}
