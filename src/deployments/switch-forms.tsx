import { errorAt } from "../access/page-form.ts";
import { LIMITS } from "../config.ts";
import type { Preview } from "../inference/preview.ts";
import { ButtonLink, SubmitButton } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import { Card } from "../ui/card.tsx";
import { Form, FormActions, type FormError, FormErrors } from "../ui/form-layout.tsx";
import { CheckboxField, TextArea } from "../ui/forms.tsx";
import { DeploymentShell, deploymentPath, type DeploymentView } from "./deployment-shell.tsx";
import { ModelChoice } from "./model-choice.tsx";
import type { ModelCandidate } from "./model-choices.ts";
import { PreviewCard } from "./preview-card.tsx";
import type { DeploymentVersion } from "./queries.ts";

export type Fields = Partial<Record<string, string>>;

/** Whether the form allows features that callers do not send yet. */
export function allowsSchemaChange(fields: Fields): boolean {
  return fields["allow_schema_change"] === "true";
}

export type NewVersionView = DeploymentView & { candidates: ModelCandidate[] };

interface NewVersionPageProps {
  view: NewVersionView;
  fields: Fields;
  errors?: FormError[];
  preview?: Preview;
}

/** Chooses other models, previews what they would change, and switches to them. */
export function NewVersionPage({ view, fields, errors = [], preview }: NewVersionPageProps) {
  const { deployment, candidates } = view;
  const path = `${deploymentPath(deployment)}/versions`;
  return (
    <DeploymentShell view={view} section="versions" below="New version">
      <div class="stack">
        <div class="measure">
          <Card
            title="New version"
            description="The models are loaded first; then calls go to them, and callers notice nothing. When one does not load, the current version goes on."
          >
            <Form action={`${path}/new`}>
              <FormErrors errors={errors} />
              <ModelChoice
                experiment={{ id: deployment.experimentId, name: deployment.name }}
                candidates={candidates}
                fields={fields}
                errors={errors}
              />
              <SwitchFields fields={fields} errors={errors} />
              <FormActions>
                <SubmitButton
                  label="Switch to these models"
                  busyLabel="Switching"
                  attributes={{ name: "intent", value: "switch" }}
                />
                <SubmitButton
                  label="Preview what would change"
                  busyLabel="Replaying recorded rows"
                  variant="secondary"
                  attributes={{ name: "intent", value: "preview" }}
                />
                <ButtonLink href={path} variant="quiet">
                  Cancel
                </ButtonLink>
              </FormActions>
            </Form>
          </Card>
        </div>
        {preview && <PreviewCard preview={preview} deployment={deployment} />}
      </div>
    </DeploymentShell>
  );
}

function SwitchFields({ fields, errors }: { fields: Fields; errors: FormError[] }) {
  return (
    <>
      <TextArea
        name="note"
        label="Note"
        rows={2}
        value={fields["note"]}
        maxlength={LIMITS.descriptionLengthMax}
        hint="Why: the list of versions shows it."
        error={errorAt(errors, "note")}
      />
      <CheckboxField
        name="allow_schema_change"
        label="Allow further features"
        checked={allowsSchemaChange(fields)}
        hint="Without this, a main model that needs features which the current one does not is refused: callers do not send them yet."
      />
    </>
  );
}

interface PromotePageProps {
  view: DeploymentView;
  preview: Preview | null;
  fields?: Fields;
  errors?: FormError[];
}

/** Swaps main and challenger, after a look at what that changes. */
export function PromotePage({ view, preview, fields = {}, errors = [] }: PromotePageProps) {
  const { deployment } = view;
  const path = `${deploymentPath(deployment)}/versions`;
  const { main, challenger } = deployment.current;
  return (
    <DeploymentShell view={view} section="versions" below="Promote the challenger">
      <div class="stack">
        <div class="measure">
          <Card title="Promote the challenger">
            {challenger ? (
              <Form action={`${path}/promote`}>
                <FormErrors errors={errors} />
                <p>
                  <strong>{challenger.name}</strong> becomes the main model and answers every call.{" "}
                  <strong>{main.name}</strong> becomes the challenger. This makes a new version, and can be rolled back.
                </p>
                <SwitchFields fields={fields} errors={errors} />
                <FormActions>
                  <SubmitButton label="Promote" busyLabel="Switching" />
                  <ButtonLink href={path}>Cancel</ButtonLink>
                </FormActions>
              </Form>
            ) : (
              <Callout>The current version has no challenger.</Callout>
            )}
          </Card>
        </div>
        {preview && <PreviewCard preview={preview} deployment={deployment} />}
      </div>
    </DeploymentShell>
  );
}

interface RollbackPageProps {
  view: DeploymentView;
  version: DeploymentVersion;
  preview: Preview | null;
  errors?: FormError[];
}

/** Makes an older version current again, after a look at what that changes. */
export function RollbackPage({ view, version, preview, errors = [] }: RollbackPageProps) {
  const { deployment } = view;
  const path = `${deploymentPath(deployment)}/versions`;
  const isCurrent = version.number === deployment.currentVersion;
  return (
    <DeploymentShell view={view} section="versions" below={`Roll back to version ${version.number}`}>
      <div class="stack">
        <div class="measure">
          <Card title={`Roll back to version ${version.number}`}>
            {isCurrent ? (
              <Callout>Version {version.number} answers already.</Callout>
            ) : (
              <Form action={`${path}/${version.number}/rollback`}>
                <FormErrors errors={errors} />
                <p>
                  <strong>{version.main.name}</strong> answers again, in place of{" "}
                  <strong>{deployment.current.main.name}</strong>. Version {deployment.currentVersion} stays, and can be
                  made current again.
                </p>
                <FormActions>
                  <SubmitButton label="Roll back" busyLabel="Switching" />
                  <ButtonLink href={path}>Cancel</ButtonLink>
                </FormActions>
              </Form>
            )}
          </Card>
        </div>
        {preview && !isCurrent && <PreviewCard preview={preview} deployment={deployment} />}
      </div>
    </DeploymentShell>
  );
}
