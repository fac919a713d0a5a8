import { errorAt } from "../../page-form.ts";
import { LIMITS } from "../../../config.ts";
import type { Finding } from "../../../onnx/finding.ts";
import { ButtonLink, SubmitButton } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { CodeBlock } from "../../../ui/code-block.tsx";
import { FileField, UploadProgress } from "../../../ui/file-field.tsx";
import { Form, FormActions, type FormError, FormErrors } from "../../../ui/form-layout.tsx";
import { TextArea, TextField } from "../../../ui/forms.tsx";
import { AppShell } from "../../../ui/layout.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { ReportList } from "../../../ui/report-list.tsx";
import { atFields, crumbsTo, type ProjectView, versionHref } from "../view.ts";
import type { ExperimentRow, VersionRow } from "../../../experiments/queries.ts";

export interface ModelFields {
  name: string;
  mapping: string;
}

export interface ModelFormProps {
  view: ProjectView;
  experiment: ExperimentRow;
  version: VersionRow;
  fields: ModelFields;
  errors: FormError[];
  /** Of the file that was refused. */
  report: Finding[] | null;
  /** A mapping with this version's columns. */
  example: string;
}

/** The form for a new model; after a refusal, with the report of what was found in the file. */
export function ModelForm({ view, experiment, version, report, example, ...form }: ModelFormProps) {
  const back = versionHref(experiment.id, version.number);
  const crumbs = [...crumbsTo(view, experiment, version.number), { label: "Upload model" }];
  const errors = report === null ? atFields(form.errors, ["file", "external", "name", "mapping"]) : REFUSED;
  return (
    <AppShell title="Upload model" frame={view.frame} section="experiments" breadcrumb={crumbs}>
      <PageHeader
        title="Upload model"
        description={`For version ${version.number} of ${experiment.name}. Tiltyard checks the file, repairs what it can, and tries it on the data.`}
      />
      <FormErrors errors={errors} />
      {report && (
        <Card title="Report on the file" tone="danger">
          <ReportList items={report} />
        </Card>
      )}
      <div class="split">
        <Card>
          <UploadForm back={back} fields={form.fields} errors={errors} />
        </Card>
        <MappingHelp example={example} />
      </div>
    </AppShell>
  );
}

// The reasons stand in the report; the field says what to do now.
const REFUSED: FormError[] = [
  {
    path: "file",
    message: "This file cannot be served. The report says why. Nothing was kept. Choose another file.",
  },
];

function UploadForm({ back, fields, errors }: { back: string; fields: ModelFields; errors: FormError[] }) {
  const megabytes = LIMITS.modelBytesMax / 1_000_000;
  return (
    <Form action={`${back}/models/new`} upload>
      <FileField
        name="file"
        label="ONNX file"
        accept=".onnx"
        required
        error={errorAt(errors, "file")}
        hint={`As the exporter wrote it: skl2onnx, onnxmltools, LightGBM, XGBoost, CatBoost, PyTorch, Keras. ${megabytes} MB with its external data.`}
      />
      <FileField
        name="external"
        label="External data"
        multiple
        prompt="Drop files here, or choose them"
        error={errorAt(errors, "external")}
        hint="Weights in separate files. Keep the names that the exporter gave them."
      />
      <TextField
        name="name"
        label="Name"
        value={fields.name}
        maxlength={LIMITS.nameLengthMax}
        error={errorAt(errors, "name")}
        hint="Default: the name of the file."
      />
      <TextArea
        name="mapping"
        label="Mapping"
        rows={5}
        mono
        value={fields.mapping}
        error={errorAt(errors, "mapping")}
        hint="YAML or JSON. Default: columns are matched by the names of the inputs, or taken in the order of the training data."
      />
      <UploadProgress />
      <FormActions>
        <SubmitButton label="Upload model" busyLabel="Uploading …" />
        <ButtonLink href={back} variant="quiet">
          Cancel
        </ButtonLink>
      </FormActions>
    </Form>
  );
}

function MappingHelp({ example }: { example: string }) {
  return (
    <Card title="When a mapping is needed">
      <div class="stack">
        <p>
          Where the model was trained on other columns than all of them, or in another order than in the training data;
          and to name classes that the model only numbers.
        </p>
        <CodeBlock id="mapping-example" label="With the columns of this version" code={example} wrap />
        <p>
          <code>input</code> stands for the only input of a model. One with several names each of them, with a list of
          its columns. <code>class_names</code> come in the order of the model's probabilities.
        </p>
      </div>
    </Card>
  );
}
