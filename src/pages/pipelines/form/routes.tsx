import { Hono } from "hono";
import { readForm, refusalOf } from "../../page-form.ts";
import { parseInput } from "../../../endpoint.ts";
import { AppError, isAppError } from "../../../errors.ts";
import {
  type Preview,
  previewDestinations,
  previewInput,
} from "../../../pipelines/definitions/preview-destinations.ts";
import { type AppContext, type AppEnv, isFragmentRequest } from "../../../http.ts";
import { verbContext } from "../../../verb-context.ts";
import { createPipeline, type SavedPipeline } from "../../../pipelines/definitions/create-pipeline.ts";
import { DestinationFields } from "./destination-fields.tsx";
import type { FormPartProps } from "./form-part.tsx";
import { NotifyFields } from "./notify-fields.tsx";
import {
  bodyOf,
  errorsAtFields,
  fieldsOf,
  newFields,
  type PipelineFields,
  slotsOf,
  usedSlots,
  withPreset,
} from "./read-form.ts";
import { PipelineFormPage } from "./page.tsx";
import { editPipelineView, newPipelineView, type PipelineFormView } from "./view.ts";
import { pipelineChange, pipelineInput } from "../../../pipelines/definitions/pipeline-input.ts";
import { PipelinePage } from "../pipeline/page.tsx";
import { pipelinePath } from "../../../pipelines/definitions/pipeline-paths.ts";
import { pipelineView } from "../pipeline/view.ts";
import { RunsPreview, ScheduleFields } from "./schedule-fields.tsx";
import { SourceFields } from "./source-fields.tsx";
import { updatePipeline } from "../../../pipelines/definitions/update-pipeline.ts";

/** /projects/{project}/pipelines/new and /pipelines/{pipeline}/edit, for contributors. */
export const pipelineFormPages = new Hono<AppEnv>();

const NEW = "/projects/:project/pipelines/new";
const EDIT = "/pipelines/:pipeline/edit";

pipelineFormPages.get(NEW, async (c) => {
  const view = await newPipelineView(c);
  return c.html(<PipelineFormPage view={view} fields={newFields(c.req.query(), view.deployments)} errors={[]} />);
});

pipelineFormPages.get(EDIT, async (c) => {
  const view = await editPipelineView(c);
  const fields = view.pipeline ? fieldsOf(view.pipeline) : {};
  return c.html(
    <PipelineFormPage view={view} fields={fields} errors={[]} previews={await previewsOf(c, view, fields)} />,
  );
});

pipelineFormPages.post(`${NEW}/draft`, async (c) => draft(c, await newPipelineView(c)));
pipelineFormPages.post(`${EDIT}/draft`, async (c) => draft(c, await editPipelineView(c)));

pipelineFormPages.post(NEW, async (c) => {
  const view = await newPipelineView(c);
  return save(c, view, (body) => {
    const input = parseInput(pipelineInput, body);
    return createPipeline(verbContext(c), { project: view.project.id, ...input });
  });
});

pipelineFormPages.post(EDIT, async (c) => {
  const view = await editPipelineView(c);
  const { pipeline } = view;
  if (!pipeline) throw new AppError("not_found", "Pipeline not found.");
  return save(c, view, ({ deployment_id: chosen, ...body }) => {
    // One that was removed meanwhile may stay: it was not chosen anew.
    const moved = chosen === pipeline.deploymentId ? {} : { deployment_id: chosen };
    const change = parseInput(pipelineChange, { ...body, ...moved });
    return updatePipeline(verbContext(c), { pipeline: pipeline.id, ...change });
  });
});

/** Shows the form, or the part of it that htmx asks for, with what follows from what was chosen. Nothing is checked or stored. */
async function draft(c: AppContext, view: PipelineFormView): Promise<Response> {
  const fields = withPreset(await readForm(c));
  const props = { view, fields, errors: [], previews: await previewsOf(c, view, fields) };
  const part = isFragmentRequest(c) ? partOf(c.req.query("part") ?? "", props) : null;
  return c.html(part ?? <PipelineFormPage {...props} />);
}

/** What each destination of the form would get, as far as the form says enough of it. */
async function previewsOf(
  c: AppContext,
  view: PipelineFormView,
  fields: PipelineFields,
): Promise<Map<number, Preview>> {
  const kinds = new Map(view.connections.map(({ id, kind }) => [id, kind]));
  const { deployment_id, source, destinations } = bodyOf(fields, kinds, view.pipeline);
  const previews = new Map<number, Preview>();
  for (const [index, slot] of usedSlots(fields).entries()) {
    const input = previewInput.safeParse({ deployment_id, source, destinations: [destinations[index]] });
    if (!input.success) continue;
    try {
      previews.set(slot, await previewDestinations(verbContext(c), { project: view.project.id, ...input.data }));
    } catch (error) {
      // What is wrong is told when the form is saved.
      if (!isAppError(error)) throw error;
    }
  }
  return previews;
}

function partOf(part: string, props: FormPartProps) {
  const slot = /^destination-(\d)$/.exec(part)?.[1];
  if (slot !== undefined)
    return <DestinationFields {...props} slot={Math.min(Number(slot), slotsOf(props.fields) - 1)} />;
  switch (part) {
    case "source":
      return <SourceFields {...props} />;
    case "schedule":
      return <ScheduleFields {...props} />;
    case "runs":
      return <RunsPreview {...props} />;
    case "notify":
      return <NotifyFields {...props} />;
    default:
      return null;
  }
}

/**
 * Goes to the pipeline that was saved; where a secret was made, answers with its page itself, because the secret is nowhere to be read a
 * second time. What is refused comes back in the form, with what was typed.
 */
async function save(
  c: AppContext,
  view: PipelineFormView,
  write: (body: ReturnType<typeof bodyOf>) => Promise<SavedPipeline>,
): Promise<Response> {
  const fields: PipelineFields = await readForm(c);
  const kinds = new Map(view.connections.map(({ id, kind }) => [id, kind]));
  try {
    const { pipeline, signingSecret } = await write(bodyOf(fields, kinds, view.pipeline));
    if (signingSecret === null) return c.redirect(pipelinePath(pipeline), 303);
    const saved = await pipelineView(c, pipeline.id);
    return c.html(<PipelinePage view={saved} signingSecret={signingSecret} />, view.pipeline ? 200 : 201);
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    const shown = { view, fields: withPreset(fields), errors: errorsAtFields(errors, fields) };
    return c.html(<PipelineFormPage {...shown} />, status);
  }
}
