import { DescriptionField, NameField } from "../../name-fields.tsx";
import { errorAt } from "../../page-form.ts";
import type { ExperimentRow } from "../../../experiments/queries.ts";
import { TASK_WORDS } from "../../experiments/task-words.ts";
import { ButtonLink, SubmitButton } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { FieldGroup, Form, FormActions, type FormError, FormErrors } from "../../../ui/form-layout.tsx";
import { RadioCards, SelectField } from "../../../ui/forms.tsx";
import { AppShell, type Frame } from "../../../ui/layout.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { crumbsToList } from "../deployment-shell.tsx";
import { ACCESS_LEVELS, TYPE_POLICIES } from "../deployment-words.ts";
import { ModelChoice } from "../model-choice.tsx";
import type { ModelCandidate } from "../../../deployments/model-choices.ts";

export interface NewDeploymentView {
  frame: Frame;
  project: { id: string; slug: string; name: string };
  experiments: ExperimentRow[];
  /** The one whose models are offered. */
  experiment: ExperimentRow | null;
  candidates: ModelCandidate[];
}

export type NewDeploymentPageProps = NewDeploymentView & {
  fields: Partial<Record<string, string>>;
  errors?: FormError[];
};

/**
 * Two steps on one page: the experiment, whose form asks for the page again, and all the rest. With htmx the first one only
 * replaces the models in the second, so that what was typed stays.
 */
export function NewDeploymentPage({ errors = [], ...props }: NewDeploymentPageProps) {
  const { frame, project, experiments } = props;
  return (
    <AppShell
      title="Deploy a new experiment"
      frame={frame}
      section="deployments"
      breadcrumb={[...crumbsToList(project), { label: "Deploy a new experiment" }]}
    >
      <PageHeader
        title="Deploy a new experiment"
        description="Serves a model at a REST address and a form. A deployment cannot be edited. Add versions to it, or delete it."
      />
      {experiments.length === 0 ? (
        <Card>
          <EmptyState
            title="Create an experiment first"
            icon="experiments"
            action={
              <ButtonLink href={`/projects/${project.slug}/experiments`} variant="primary">
                Go to the experiments
              </ButtonLink>
            }
          >
            {project.name} has none yet. Create one, give it the training data, and upload an ONNX model.
          </EmptyState>
        </Card>
      ) : (
        <div class="stack measure">
          <ExperimentCard {...props} error={errorAt(errors, "experiment")} />
          <DeploymentCard {...props} errors={errors} />
        </div>
      )}
    </AppShell>
  );
}

function ExperimentCard({
  project,
  experiments,
  experiment,
  error,
}: NewDeploymentView & { error: string | undefined }) {
  return (
    <Card title="1. What to deploy">
      <Form action={newPath(project)} method="get">
        <SelectField
          name="experiment"
          label="Experiment"
          options={experiments.map(({ id, name, task }) => ({
            value: id,
            label: `${name} · ${TASK_WORDS[task].label}`,
          }))}
          value={experiment?.id}
          placeholder={experiment ? undefined : "Choose an experiment"}
          error={error}
          required
          attributes={{
            autocomplete: "off",
            "hx-get": `${newPath(project)}/models`,
            "hx-trigger": "change",
            "hx-target": "#model-choice",
            "hx-swap": "outerHTML",
          }}
        />
        <noscript>
          <SubmitButton label="Show its models" variant="secondary" />
        </noscript>
      </Form>
    </Card>
  );
}

function DeploymentCard({
  project,
  experiment,
  candidates,
  fields,
  errors,
}: NewDeploymentPageProps & { errors: FormError[] }) {
  return (
    <Card title="2. How to deploy it">
      <Form action={newPath(project)}>
        <FormErrors errors={errors} />
        <NameField value={fields["name"]} errors={errors} hint="Its address is made of it, and never changes." />
        <DescriptionField
          value={fields["description"]}
          errors={errors}
          hint="Shown on its form and in its API documentation."
        />
        <FieldGroup legend="Models">
          <ModelChoice experiment={experiment} candidates={candidates} fields={fields} errors={errors} />
        </FieldGroup>
        <RadioCards
          name="access"
          label="Who can call it and use its form"
          value={fields["access"] ?? "project"}
          cards={Object.entries(ACCESS_LEVELS).map(([value, words]) => ({ value, ...words }))}
          error={errorAt(errors, "access")}
          required
        />
        <RadioCards
          name="type_policy"
          label="Invalid values"
          value={fields["type_policy"] ?? "best_effort"}
          cards={Object.entries(TYPE_POLICIES).map(([value, words]) => ({ value, ...words }))}
          error={errorAt(errors, "type_policy")}
          required
        />
        <FormActions>
          <SubmitButton label="Deploy" busyLabel="Deploying …" />
          <ButtonLink href={listPath(project)}>Cancel</ButtonLink>
        </FormActions>
      </Form>
    </Card>
  );
}

function listPath({ slug }: { slug: string }): string {
  return `/projects/${slug}/deployments`;
}

function newPath(project: { slug: string }): string {
  return `${listPath(project)}/new`;
}
