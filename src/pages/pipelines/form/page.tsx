import { NameField } from "../../name-fields.tsx";
import { errorAt } from "../../page-form.ts";
import { ProjectShell } from "../../project-shell.tsx";
import { ButtonLink, SubmitButton } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { Form, FormActions, FormErrors } from "../../../ui/form-layout.tsx";
import { CheckboxField, SelectField } from "../../../ui/forms.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { DestinationsChoice } from "./destination-fields.tsx";
import type { FormPartProps } from "./form-part.tsx";
import { NotifyChoice } from "./notify-fields.tsx";
import { pipelinePath, pipelinesPath } from "../../../pipelines/definitions/pipeline-paths.ts";
import { ScheduleChoice } from "./schedule-fields.tsx";
import { SourceChoice } from "./source-fields.tsx";

/** The form of a pipeline, for a new one and for one that is changed. */
export function PipelineFormPage(props: FormPartProps) {
  const { view, errors } = props;
  const { project, pipeline, action, cancelHref } = view;
  const title = pipeline ? `Edit ${pipeline.name}` : "New pipeline";
  const crumbs = [
    { label: "Pipelines", href: pipelinesPath(project) },
    ...(pipeline ? [{ label: pipeline.name, href: pipelinePath(pipeline) }, { label: "Edit" }] : [{ label: title }]),
  ];
  return (
    <ProjectShell view={view} title={title} section="pipelines" crumbs={crumbs} scripts={["/static/pipeline-form.js"]}>
      <PageHeader
        title={title}
        description={
          pipeline
            ? "Changes do not affect runs that have started."
            : "Reads rows, predicts them all, keeps the answers as files and delivers them."
        }
      />
      <Form action={action} attributes={{ class: "form measure" }}>
        <FormErrors errors={errors} />
        <Card title="Pipeline">
          <div class="stack">
            <GeneralFields {...props} />
          </div>
        </Card>
        <Card title="Source" description="The rows to predict.">
          <div class="stack">
            <SourceChoice {...props} />
          </div>
        </Card>
        <Card
          title="Destinations"
          description="The answers are always kept here as files. Each run also delivers them to these destinations."
        >
          {view.connections.length === 0 ? <NoConnections slug={project.slug} /> : <DestinationsChoice {...props} />}
        </Card>
        <Card title="Schedule">
          <div class="stack">
            <ScheduleChoice {...props} />
          </div>
        </Card>
        <Card title="Notification">
          <div class="stack">
            <NotifyChoice {...props} />
          </div>
        </Card>
        <FormActions>
          <SubmitButton label={pipeline ? "Save" : "Create pipeline"} />
          <ButtonLink href={cancelHref} variant="quiet">
            Cancel
          </ButtonLink>
        </FormActions>
      </Form>
    </ProjectShell>
  );
}

function GeneralFields({ view: { project, pipeline, deployments }, fields, errors }: FormPartProps) {
  const removed = pipeline?.deployment.deletedAt == null ? null : pipeline.deployment;
  const options = deployments.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <NameField value={fields["name"]} errors={errors} />
      {options.length === 0 && removed === null ? (
        <Callout
          level="warning"
          action={<ButtonLink href={`/projects/${project.slug}/deployments/new`}>Deploy an experiment</ButtonLink>}
        >
          The project has no deployment yet. A pipeline needs one.
        </Callout>
      ) : (
        <SelectField
          name="deployment_id"
          label="Deployment"
          options={removed ? [...options, { value: removed.id, label: "The current one, which was deleted" }] : options}
          value={fields["deployment_id"]}
          placeholder="Choose a deployment"
          hint="The version that is current when a run starts predicts the whole run."
          error={errorAt(errors, "deployment_id")}
          required
        />
      )}
      <CheckboxField
        name="enabled"
        label="Enabled"
        checked={fields["enabled"] === "true"}
        hint="The schedule starts runs. You can always run the pipeline by hand."
        error={errorAt(errors, "enabled")}
      />
    </>
  );
}

function NoConnections({ slug }: { slug: string }) {
  return (
    <Callout action={<ButtonLink href={`/projects/${slug}/connections/new`}>New connection</ButtonLink>}>
      The project has no connection yet. Without one, the answers stay here as files. Download them or read them through
      the API.
    </Callout>
  );
}
