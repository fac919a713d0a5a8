import { type ProjectPageView, ProjectShell } from "../project-shell.tsx";
import { ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { CONNECTION_FACTS } from "../../pipelines/connections/connection-kinds.ts";
import type { ConnectionRow } from "../../pipelines/connections/queries.ts";
import { connectionsPath } from "./list-page.tsx";
import { ConnectionFields, type ConnectionForm } from "./new-page.tsx";

export interface EditConnectionPageProps {
  view: Pick<ProjectPageView, "frame" | "project">;
  connection: Pick<ConnectionRow, "id" | "name" | "kind">;
  form: ConnectionForm;
}

/** The form that changes a connection. Its secret is not in it: what is typed there replaces it. */
export function EditConnectionPage({ view, connection: { id, name, kind }, form }: EditConnectionPageProps) {
  const path = connectionsPath(view.project);
  const crumbs = [{ label: "Connections", href: path }, { label: name }, { label: "Edit" }];
  return (
    <ProjectShell view={view} title={`Edit ${name}`} section="connections" crumbs={crumbs}>
      <PageHeader
        title={`Edit ${name}`}
        description="Pipelines use the changes from their next run on. A failed run can then be retried."
      />
      <div class="measure">
        <Card title={CONNECTION_FACTS[kind].label}>
          <Form action={`${path}/${id}/edit`}>
            <FormErrors errors={form.errors} />
            <ConnectionFields kind={kind} form={form} />
            <FormActions>
              <SubmitButton label="Save" />
              <ButtonLink href={path} variant="quiet">
                Cancel
              </ButtonLink>
            </FormActions>
          </Form>
        </Card>
      </div>
    </ProjectShell>
  );
}
