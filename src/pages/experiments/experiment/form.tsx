import { DescriptionField, NameField } from "../../name-fields.tsx";
import { errorAt } from "../../page-form.ts";
import { ButtonLink, SubmitButton } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { Form, FormActions, type FormError, FormErrors } from "../../../ui/form-layout.tsx";
import { RadioCards, TextField } from "../../../ui/forms.tsx";
import { AppShell } from "../../../ui/layout.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { atFields, crumbsTo, type ProjectView } from "../view.ts";
import { TASKS } from "../../../experiments/schema.ts";
import { TASK_WORDS } from "../task-words.ts";

export interface ExperimentFormProps {
  view: ProjectView;
  fields: Partial<Record<string, string>>;
  errors: FormError[];
}

/** The form for a new experiment. */
export function ExperimentForm({ view, fields, errors: found }: ExperimentFormProps) {
  const list = `/projects/${view.project.slug}/experiments`;
  const errors = atFields(found, ["name", "task", "target", "description"]);
  const crumbs = [...crumbsTo(view), { label: "New experiment" }];
  return (
    <AppShell title="New experiment" frame={view.frame} section="experiments" breadcrumb={crumbs}>
      <PageHeader title="New experiment" description="Training data and models come next." />
      <div class="measure">
        <Card>
          <Form action={`${list}/new`}>
            <FormErrors errors={errors} />
            <NameField value={fields["name"]} errors={errors} />
            <RadioCards
              name="task"
              label="Task"
              required
              value={fields["task"]}
              error={errorAt(errors, "task") && "Choose a task."}
              cards={TASKS.map((task) => ({
                value: task,
                label: TASK_WORDS[task].label,
                description: TASK_WORDS[task].sentence,
              }))}
            />
            <TextField
              name="target"
              label="Target column"
              value={fields["target"]}
              error={errorAt(errors, "target")}
              hint="The column of the training data that the models predict, spelled as in its header. Without a target, models have no metrics."
            />
            <DescriptionField value={fields["description"]} errors={errors} rows={3} />
            <FormActions>
              <SubmitButton label="Create experiment" busyLabel="Creating …" />
              <ButtonLink href={list} variant="quiet">
                Cancel
              </ButtonLink>
            </FormActions>
          </Form>
        </Card>
      </div>
    </AppShell>
  );
}
