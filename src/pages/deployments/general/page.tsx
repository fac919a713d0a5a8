import { TASK_WORDS } from "../../experiments/task-words.ts";
import { ButtonLink } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { CopyField } from "../../../ui/code-block.tsx";
import { ConfirmDialog, ConfirmLink } from "../../../ui/confirm.tsx";
import { KeyValues } from "../../../ui/key-values.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { CallCard } from "./call-card.tsx";
import { DeletionNotice } from "../deletion-notice.tsx";
import { deploymentPath, DeploymentShell } from "../deployment-shell.tsx";
import { ACCESS_LEVELS, namesOf, TYPE_POLICIES } from "../deployment-words.ts";
import { DriftCard } from "./drift-card.tsx";
import type { GeneralView } from "./view.ts";
import { type KeyForm, KeysCard } from "../keys/keys-card.tsx";
import { ModelsCard } from "./models-card.tsx";
import type { Deployment } from "../../../deployments/queries.ts";
import type { RunningStatus } from "../../../deployments/running-status.ts";
import { DeployedBadge, RunningBadge } from "../status-badges.tsx";
import { StatusCard } from "./status-card.tsx";

export interface GeneralPageProps {
  view: GeneralView;
  /** Of the key that was just made. */
  secret?: string;
  keyForm?: KeyForm;
}

/** What a deployment is, how it is, and how to call it. */
export function GeneralPage({ view, secret, keyForm }: GeneralPageProps) {
  const { deployment, status, links } = view;
  return (
    <DeploymentShell
      view={view}
      section="general"
      badges={<HeaderBadges deployment={deployment} status={status} />}
      actions={
        <>
          <ButtonLink href={links.docs_url} icon="code">
            API documentation
          </ButtonLink>
          <ButtonLink href={links.form_url} variant="primary" icon="external">
            Open the form
          </ButtonLink>
        </>
      }
    >
      {secret !== undefined && (
        <Callout level="success" title="API key created" live>
          <CopyField
            id="new-key"
            label="API key"
            value={secret}
            hint="Shown only once. Copy it now. The example below contains it."
          />
        </Callout>
      )}
      {view.extraFeatures.length > 0 && <ExtraFeaturesNote names={view.extraFeatures} />}
      <StatusCard deployment={deployment} status={status} />
      <AboutCard view={view} />
      <DriftCard drift={view.drift} path={deploymentPath(deployment)} />
      <ModelsCard main={view.main} challenger={view.challenger} task={deployment.task} />
      <CallCard deployment={deployment} apiUrl={links.api_url} example={view.example} secret={secret} />
      <KeysCard view={view} form={keyForm} />
      {view.mayDelete && <DeleteCard deployment={deployment} />}
    </DeploymentShell>
  );
}

function ExtraFeaturesNote({ names }: { names: readonly string[] }) {
  return (
    <Callout level="info" title={`The challenger also needs ${namesOf(names)}`}>
      The main model does not. The challenger skips calls without {names.length === 1 ? "it" : "them"}. The form, the
      API documentation and its examples list {names.length === 1 ? "it" : "them"} as optional.
    </Callout>
  );
}

/** Beside the name of the deployment; with `swap` htmx puts it in place of the one that is shown. */
export function HeaderBadges({
  deployment,
  status,
  swap,
}: {
  deployment: Deployment;
  status: RunningStatus;
  swap?: true;
}) {
  return (
    <span class="cluster" id="deployment-badges" hx-swap-oob={swap && "true"}>
      <DeployedBadge deployment={deployment} />
      <RunningBadge deployment={deployment} status={status} />
    </span>
  );
}

function AboutCard({ view: { deployment, experiment, links } }: { view: GeneralView }) {
  const access = ACCESS_LEVELS[deployment.access];
  const taskLabel = TASK_WORDS[experiment.task].label;
  const typePolicy = TYPE_POLICIES[deployment.typePolicy];
  return (
    <Card title="About">
      <KeyValues
        columns={2}
        items={[
          { label: "Created", value: <Timestamp atMs={deployment.createdAt} /> },
          { label: "Creator", value: deployment.creator },
          {
            label: "Current version",
            value: <a href={`${deploymentPath(deployment)}/versions`}>{deployment.currentVersion}</a>,
          },
          { label: "Form", value: <a href={links.form_url}>{links.form_url}</a> },
          { label: "API documentation", value: <a href={links.docs_url}>{links.docs_url}</a> },
          {
            label: "Experiment",
            value: <a href={`/experiments/${experiment.id}`}>{experiment.name}</a>,
            hint: experiment.target === null ? taskLabel : `${taskLabel} of ${experiment.target}`,
          },
          { label: "Access", value: access.label, hint: access.description },
          { label: "Invalid values", value: typePolicy.label, hint: typePolicy.description },
        ]}
      />
    </Card>
  );
}

function DeleteCard({ deployment }: { deployment: Deployment }) {
  const path = deploymentPath(deployment);
  return (
    <Card
      title="Delete this deployment"
      tone="danger"
      actions={
        <ConfirmLink dialog="delete-deployment" href={`${path}/delete`}>
          Delete
        </ConfirmLink>
      }
    >
      <p>
        <DeletionNotice />
      </p>
      <ConfirmDialog
        id="delete-deployment"
        title={`Delete ${deployment.name}?`}
        action={`${path}/delete`}
        name={deployment.name}
        verb="Delete deployment"
        cancelHref={path}
      >
        <DeletionNotice />
      </ConfirmDialog>
    </Card>
  );
}
