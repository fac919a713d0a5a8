import { errorAt } from "../page-form.ts";
import { LIMITS } from "../../config.ts";
import { type ProjectPageView, ProjectShell } from "../project-shell.tsx";
import { ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { FileField, UploadProgress } from "../../ui/file-field.tsx";
import { Form, FormActions, type FormError, FormErrors } from "../../ui/form-layout.tsx";
import { TextField } from "../../ui/forms.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { datasetsPath } from "./list-page.tsx";
import { DATASET_BYTES_MAX } from "../../pipelines/datasets/dataset-limits.ts";

export interface NewDatasetPageProps {
  view: Pick<ProjectPageView, "frame" | "project">;
  name: string;
  errors: FormError[];
}

/** The form for a new dataset. dataset-upload.ts sends the file in parts; without JavaScript it goes as one. */
export function NewDatasetPage({ view, name, errors }: NewDatasetPageProps) {
  const path = datasetsPath(view.project);
  const crumbs = [{ label: "Datasets", href: path }, { label: "Upload dataset" }];
  return (
    <ProjectShell
      view={view}
      title="Upload dataset"
      section="datasets"
      crumbs={crumbs}
      scripts={["/static/dataset-upload.js"]}
    >
      <PageHeader
        title="Upload dataset"
        description="A file with the columns that a deployment needs. Other columns are kept and passed on."
      />
      <div class="measure">
        <Card>
          <Form
            action={`${path}/new`}
            upload
            attributes={{
              "data-dataset-upload": `/api/v1/projects/${view.project.id}/datasets`,
              "data-bytes-max": DATASET_BYTES_MAX,
              "data-after": path,
            }}
          >
            <FormErrors errors={errors} />
            <FileField
              name="file"
              label="File"
              accept=".csv,.parquet,text/csv,application/vnd.apache.parquet"
              required
              error={errorAt(errors, "file")}
              hint={
                <>
                  CSV in UTF-8 with a header row, or Parquet; up to {DATASET_BYTES_MAX / 1e9} GB.
                  <noscript>
                    {" "}
                    Without JavaScript, up to {LIMITS.uploadBytesMax / 1e6} MB. With JavaScript, larger files are sent
                    in parts.
                  </noscript>
                </>
              }
            />
            <TextField
              name="name"
              label="Name"
              value={name}
              maxlength={LIMITS.nameLengthMax}
              error={errorAt(errors, "name")}
              hint="Default: the name of the file."
            />
            <UploadProgress />
            <FormActions>
              <SubmitButton label="Upload dataset" busyLabel="Uploading …" />
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
