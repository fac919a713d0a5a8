import { hidden } from "../../access/authorize.ts";
import { Hono } from "hono";
import { database } from "../../db.ts";
import { type DeploymentRow, requireDeployment } from "../../deployments/find-deployment.ts";
import { type AppContext, type AppEnv, isFragmentRequest } from "../../http.ts";
import { findServingSpec } from "../../inference/spec/find-serving-spec.ts";
import type { ServingSpec } from "../../inference/spec/serving-spec.ts";
import { BarePage } from "../../ui/layout.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { VERSION } from "../../version.ts";
import { type FormField, formFields } from "./form-fields.ts";
import { type Outcome, OutcomePanel } from "./outcome.tsx";
import { PART_ID, PredictPart, type PredictPartProps } from "./predict-part.tsx";
import { predictFromForm } from "./predict-from-form.ts";
import { readFields } from "./read-fields.ts";

/** /f/{slug}: a deployment as a form, for who may predict with it. */
export const formPages = new Hono<AppEnv>();

formPages.get("/f/:slug", async (c) => {
  const { deployment, fields } = await openForm(c, c.req.param("slug"));
  const values =
    c.req.query("example") === undefined ? [] : fields.map(({ name, example }): [string, string] => [name, example]);
  const outcome = beforehand(deployment);
  return c.html(
    <FormPage
      deployment={deployment}
      part={{ action: actionOf(deployment), fields, values: new Map(values), errors: [], outcome }}
    />,
  );
});

formPages.post("/f/:slug", async (c) => {
  const { deployment, spec, fields } = await openForm(c, c.req.param("slug"));
  const values = await readFields(c.req.raw);
  const { status, outcome, errors, retryAfterSeconds } = await predictFromForm(
    c,
    deployment,
    spec.main.plan.task,
    values,
  );
  if (retryAfterSeconds !== undefined) c.header("retry-after", String(retryAfterSeconds));
  const part: PredictPartProps = { action: actionOf(deployment), fields, values, errors, outcome };
  if (!isFragmentRequest(c)) return c.html(<FormPage deployment={deployment} part={part} />, status);
  c.header("cache-control", "no-store");
  // Errors stand at the fields, so the form comes anew: when there are some, and when they are to vanish.
  if (errors.length === 0 && !asksForPart(c)) {
    const labels = new Map(fields.map(({ name, label }) => [name, label]));
    return c.html(<OutcomePanel outcome={outcome} labelOf={(name) => labels.get(name) ?? name} />, status);
  }
  c.header("hx-retarget", `#${PART_ID}`);
  c.header("hx-reswap", "outerHTML");
  return c.html(<PredictPart {...part} />, status);
});

interface OpenForm {
  deployment: DeploymentRow;
  spec: ServingSpec;
  fields: FormField[];
}

/** The current version's form, also while the deployment does not run: it is known what it will ask for. */
async function openForm(c: AppContext, slug: string): Promise<OpenForm> {
  const db = database(c.env);
  const deployment = await requireDeployment(db, c.var.caller, slug, "predict");
  const spec = await findServingSpec(db, deployment.id, deployment.currentVersion);
  if (!spec) throw hidden();
  return { deployment, spec, fields: formFields(spec) };
}

function actionOf({ slug }: DeploymentRow): string {
  return `/f/${slug}`;
}

function beforehand({ deployed }: DeploymentRow): Outcome {
  if (deployed === "building") {
    const message = "The deployment is starting. It answers in a moment.";
    return { kind: "notice", level: "info", title: "Not ready yet", message, isReply: false };
  }
  if (deployed === "failed") {
    const message = "The deployment could not start. Its owners can see why.";
    return { kind: "notice", level: "warning", title: "Not answering", message, isReply: false };
  }
  return { kind: "none" };
}

function asksForPart(c: AppContext): boolean {
  return c.req.header("hx-target")?.endsWith(`#${PART_ID}`) ?? false;
}

function FormPage({ deployment, part }: { deployment: DeploymentRow; part: PredictPartProps }) {
  const { name, description, slug } = deployment;
  return (
    <BarePage
      title={name}
      assetVersion={VERSION}
      width="wide"
      footer={<a href={`/docs/${slug}`}>Use it from a program: the API of this form</a>}
    >
      <PageHeader title={name} description={description === "" ? undefined : description} />
      <PredictPart {...part} />
    </BarePage>
  );
}
