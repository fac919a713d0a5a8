import { errorAt } from "../../page-form.ts";
import { LIMITS } from "../../../config.ts";
import type { Preview } from "../../../inference/call/preview.ts";
import { ButtonLink, SubmitButton } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { Form, FormActions, type FormError, FormErrors } from "../../../ui/form-layout.tsx";
import { CheckboxField, TextArea } from "../../../ui/forms.tsx";
import { KeyValues } from "../../../ui/key-values.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { DeploymentShell, deploymentPath, type DeploymentView } from "../deployment-shell.tsx";
import { ModelChoice } from "../model-choice.tsx";
import type { ModelCandidate } from "../../../deployments/model-choices.ts";
import { PREVIEW_ID, PreviewCard } from "./preview-card.tsx";
import type { DeploymentVersion } from "../../../deployments/queries.ts";

export type Fields = Partial<Record<string, string>>;

/** Whether the form allows features that callers do not send yet. */
export function allowsSchemaChange(fields: Fields): boolean {
  return fields["allow_schema_change"] === "true";
}

export type NewVersionView = DeploymentView & {
  experiment: { id: string; name: string };
  candidates: ModelCandidate[];
};

interface NewVersionPageProps {
  view: NewVersionView;
  fields: Fields;
  errors?: FormError[];
  preview?: Preview;
}

/** Chooses other models, previews what they would change, and switches to them. */
export function NewVersionPage({ view, fields, errors = [], preview }: NewVersionPageProps) {
  const { deployment, experiment, candidates } = view;
  const path = `${deploymentPath(deployment)}/versions`;
  return (
    <DeploymentShell view={view} section="versions" below="New version">
      <div class="stack">
        <div class="measure">
          <Card
            title="New version"
            description="The new models are loaded first, then they answer all calls. Callers notice nothing. If a model does not load, the current version stays."
          >
            <Form action={`${path}/new`}>
              <FormErrors errors={errors} />
              <ModelChoice experiment={experiment} candidates={candidates} fields={fields} errors={errors} />
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
                  // The page that answers is long: it opens where the preview stands.
                  attributes={{ name: "intent", value: "preview", formaction: `${path}/new#${PREVIEW_ID}` }}
                />
                <ButtonLink href={path} variant="quiet">
                  Cancel
                </ButtonLink>
              </FormActions>
            </Form>
          </Card>
        </div>
        {preview && (
          <PreviewCard
            preview={preview}
            deployment={deployment}
            candidate={candidates.find(({ id }) => id === fields["main.model_id"])?.name}
          />
        )}
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
        hint="Why you switch. Shown in the list of versions."
        error={errorAt(errors, "note")}
      />
      <CheckboxField
        name="allow_schema_change"
        label="Allow features that callers do not send yet"
        checked={allowsSchemaChange(fields)}
        hint="Without this, a main model that needs features the current one does not is refused."
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
                  <SubmitButton label="Promote the challenger" busyLabel="Switching" />
                  <ButtonLink href={path}>Cancel</ButtonLink>
                </FormActions>
              </Form>
            ) : (
              <Callout action={<ButtonLink href={`${path}/new`}>New version</ButtonLink>}>
                The current version has no challenger. A new version can have one.
              </Callout>
            )}
          </Card>
        </div>
        {preview && <PreviewCard preview={preview} deployment={deployment} candidate={challenger?.name} />}
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
              <Callout action={<ButtonLink href={path}>All versions</ButtonLink>}>
                Version {version.number} is the current version.
              </Callout>
            ) : (
              <Form action={`${path}/${version.number}/rollback`}>
                <FormErrors errors={errors} />
                <RollbackFacts version={version} current={deployment.current} />
                <FormActions>
                  <SubmitButton label="Roll back" busyLabel="Switching" />
                  <ButtonLink href={path}>Cancel</ButtonLink>
                </FormActions>
              </Form>
            )}
          </Card>
        </div>
        {preview && !isCurrent && (
          <PreviewCard preview={preview} deployment={deployment} candidate={version.main.name} />
        )}
      </div>
    </DeploymentShell>
  );
}

function RollbackFacts({ version, current }: { version: DeploymentVersion; current: DeploymentVersion }) {
  return (
    <>
      <KeyValues
        items={[
          { label: "Main model", value: <Replacement from={current.main.name} to={version.main.name} /> },
          {
            label: "Challenger",
            value: <Replacement from={current.challenger?.name ?? "none"} to={version.challenger?.name ?? "none"} />,
          },
          { label: "Created", value: <Timestamp atMs={version.createdAt} /> },
          { label: "Note", value: version.note },
        ]}
      />
      <p class="muted">
        The models are loaded first, and callers notice nothing. Version {current.number} stays and can become current
        again.
      </p>
    </>
  );
}

function Replacement({ from, to }: { from: string; to: string }) {
  if (from === to) return <>{to}, as now</>;
  return (
    <>
      <strong>{to}</strong> in place of {from}
    </>
  );
}
