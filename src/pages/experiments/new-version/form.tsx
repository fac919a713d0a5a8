import { errorAt } from "../../page-form.ts";
import { LIMITS } from "../../../config.ts";
import { ButtonLink, SubmitButton } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { CodeBlock } from "../../../ui/code-block.tsx";
import { FileField, UploadProgress } from "../../../ui/file-field.tsx";
import { Form, FormActions, type FormError, FormErrors } from "../../../ui/form-layout.tsx";
import { plural } from "../../../lib/format.ts";
import { SelectField, TextArea } from "../../../ui/forms.tsx";
import { AppShell } from "../../../ui/layout.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { atFields, crumbsTo, type ProjectView } from "../view.ts";
import type { OfferedDataset } from "../../../experiments/project-datasets.ts";
import type { ExperimentRow } from "../../../experiments/queries.ts";
import { DATASET_FIELDS } from "../../../experiments/read-version-input.ts";

const SCHEMA_EXAMPLE = `{
  "kinds": { "zip_code": "categorical" },
  "categories": { "size": ["S", "M", "L"] },
  "not_features": ["customer_id"]
}`;

export interface VersionFormProps {
  view: ProjectView;
  experiment: ExperimentRow;
  /** May be the training data instead of a file; the form speaks of them where there are any. */
  datasets: OfferedDataset[];
  /** The one that was chosen, or "". */
  datasetId: string;
  schema: string;
  errors: FormError[];
}

/** The form for a new version: the training data, a holdout, and what cannot be read from them. */
export function VersionForm({ view, experiment, datasets, datasetId, schema, errors: found }: VersionFormProps) {
  const hasChoice = datasets.length > 0;
  const fields = ["reference", "holdout", "schema", ...(hasChoice ? [DATASET_FIELDS.reference] : [])];
  const errors = atFields(found, fields);
  const back = `/experiments/${experiment.id}`;
  const crumbs = [...crumbsTo(view, experiment), { label: "Add version" }];
  const megabytes = LIMITS.uploadBytesMax / 1_000_000;
  return (
    <AppShell title="Add version" frame={view.frame} section="experiments" breadcrumb={crumbs}>
      <PageHeader
        title="Add version"
        description="The data that the models were trained on. Drift is measured against it. Forms and API documentation use its columns."
      />
      <div class="split">
        <Card>
          <Form action={`${back}/versions/new`} upload>
            <FormErrors errors={errors} />
            <FileField
              name="reference"
              label="Training data"
              accept=".csv,text/csv"
              required={!hasChoice}
              markOptional={false}
              error={errorAt(errors, "reference")}
              hint={`CSV in UTF-8 with a header row, separated by comma, semicolon or tab; an empty field is missing. ${megabytes} MB in all.${experiment.target === null ? "" : ` It has the target column ${experiment.target}.`}`}
            />
            {hasChoice && (
              <SelectField
                name={DATASET_FIELDS.reference}
                label="Or a dataset of the project"
                options={datasets.map(({ id, name, rows }) => ({
                  value: id,
                  label: rows === null ? name : `${name} · ${plural(rows, "row")}`,
                }))}
                value={datasetId}
                placeholder="No dataset"
                markOptional={false}
                error={errorAt(errors, DATASET_FIELDS.reference)}
                hint="CSV or Parquet. The version keeps a copy, so you can delete the dataset later."
              />
            )}
            <FileField
              name="holdout"
              label="Holdout"
              accept=".csv,text/csv"
              error={errorAt(errors, "holdout")}
              hint="Rows with the same columns that the models have not seen, for honest metrics. Without a holdout, models are measured on the training data."
            />
            <TextArea
              name="schema"
              label="Schema"
              rows={6}
              mono
              value={schema}
              error={errorAt(errors, "schema")}
              hint="JSON. Anything left out is inferred from the data."
            />
            <UploadProgress />
            <FormActions>
              <SubmitButton label="Add version" busyLabel="Uploading …" />
              <ButtonLink href={back} variant="quiet">
                Cancel
              </ButtonLink>
            </FormActions>
          </Form>
        </Card>
        <Card title="When a schema helps">
          <div class="stack">
            <p>
              Kinds are inferred: numbers are numeric, a few distinct texts are categorical, long or mostly unique texts
              are text. Say otherwise with <code>kinds</code> (numeric, categorical, boolean, text), for instance for
              codes that look like numbers.
            </p>
            <p>
              <code>categories</code> lists values that the data happen to lack. <code>not_features</code> leaves
              columns out, such as row numbers.
            </p>
            <CodeBlock id="schema-example" label="Example" code={SCHEMA_EXAMPLE} wrap />
          </div>
        </Card>
      </div>
    </AppShell>
  );
}
