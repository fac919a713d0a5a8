import { DescriptionField, NameField } from "../name-fields.tsx";
import { Hono } from "hono";
import { readForm, refusalOf } from "../page-form.ts";
import { parseInput } from "../../endpoint.ts";
import type { AppEnv } from "../../http.ts";
import { ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmForm } from "../../ui/confirm.tsx";
import { Form, FormActions, type FormError, FormErrors } from "../../ui/form-layout.tsx";
import { KeyValues } from "../../ui/key-values.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { deleteProject } from "../../projects/delete-project.ts";
import { verbContext } from "../../verb-context.ts";
import { ProjectShell, type ProjectPageView, projectPageView } from "../project-shell.tsx";
import { projectChanges, updateProject } from "../../projects/update-project.ts";

/** /projects/{project}/settings: name, description, and the way to delete it at /projects/{project}/delete. */
export const settingsPages = new Hono<AppEnv>();

settingsPages.get("/projects/:project/settings", async (c) =>
  c.html(<SettingsPage view={await projectPageView(c, "read")} />),
);

settingsPages.post("/projects/:project/settings", async (c) => {
  const view = await projectPageView(c, "manage");
  const fields = await readForm(c);
  try {
    await updateProject(verbContext(c), { project: view.project.id, ...parseInput(projectChanges, fields) });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<SettingsPage view={view} fields={fields} errors={errors} />, status);
  }
  return c.redirect(`/projects/${view.project.slug}/settings`, 303);
});

settingsPages.get("/projects/:project/delete", async (c) =>
  c.html(<DeletePage view={await projectPageView(c, "manage")} />),
);

settingsPages.post("/projects/:project/delete", async (c) => {
  const view = await projectPageView(c, "manage");
  const { confirm = "" } = await readForm(c);
  if (confirm.trim() !== view.project.name) {
    return c.html(<DeletePage view={view} error="The name does not match. Type it exactly as shown." />, 422);
  }
  await deleteProject(verbContext(c), { project: view.project.id });
  return c.redirect("/projects", 303);
});

interface SettingsPageProps {
  view: ProjectPageView;
  fields?: Partial<Record<string, string>>;
  errors?: FormError[];
}

function SettingsPage({ view, fields = {}, errors = [] }: SettingsPageProps) {
  const { project, mayManage } = view;
  const here = `/projects/${project.slug}`;
  return (
    <ProjectShell view={view} title="Settings" section="settings" crumbs={[{ label: "Settings" }]}>
      <PageHeader title="Settings" />
      <Card title="Project">
        {mayManage ? (
          <ProjectForm action={`${here}/settings`} fields={{ ...textsOf(view), ...fields }} errors={errors} />
        ) : (
          <KeyValues
            items={[
              { label: "Name", value: project.name },
              { label: "Description", value: project.description },
            ]}
          />
        )}
      </Card>
      <Card title="Identity">
        <KeyValues
          items={[
            { label: "Id", value: <code>{project.id}</code> },
            { label: "Slug", value: <code>{project.slug}</code>, hint: "It stays as it is when the name changes." },
            { label: "Created", value: <Timestamp atMs={project.createdAt} /> },
          ]}
        />
      </Card>
      {mayManage && (
        <Card title="Delete project" description={WHAT_DELETION_TAKES} tone="danger">
          <ButtonLink href={`${here}/delete`} variant="danger" icon="trash">
            Delete project
          </ButtonLink>
        </Card>
      )}
    </ProjectShell>
  );
}

function textsOf({ project: { name, description } }: ProjectPageView): Record<string, string> {
  return { name, description };
}

function ProjectForm({ action, fields, errors }: { action: string } & Required<Omit<SettingsPageProps, "view">>) {
  return (
    <Form action={action}>
      <FormErrors errors={errors} />
      <NameField value={fields["name"]} errors={errors} />
      <DescriptionField value={fields["description"]} errors={errors} rows={3} />
      <FormActions>
        <SubmitButton label="Save" />
      </FormActions>
    </Form>
  );
}

const WHAT_DELETION_TAKES =
  "Its deployments stop answering at once. Their records, its experiments with all models and training data, and its " +
  "memberships are deleted permanently. The audit log keeps its entries.";

function DeletePage({ view, error }: { view: ProjectPageView; error?: string }) {
  const { project } = view;
  const settings = `/projects/${project.slug}/settings`;
  const crumbs = [{ label: "Settings", href: settings }, { label: "Delete" }];
  return (
    <ProjectShell view={view} title={`Delete ${project.name}`} section="settings" crumbs={crumbs}>
      <div class="measure">
        <Card title={`Delete ${project.name}?`} tone="danger" headingLevel={1}>
          <ConfirmForm
            action={`/projects/${project.slug}/delete`}
            name={project.name}
            verb="Delete project"
            cancelHref={settings}
            error={error}
          >
            {WHAT_DELETION_TAKES} This cannot be undone.
          </ConfirmForm>
        </Card>
      </div>
    </ProjectShell>
  );
}
