import { ProjectShell } from "../../project-shell.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { ConfirmForm } from "../../../ui/confirm.tsx";
import { pipelinePath, pipelinesPath } from "../../../pipelines/definitions/pipeline-paths.ts";
import type { PipelineFrame } from "./view.ts";

export interface PipelineDeletePageProps {
  view: Omit<PipelineFrame, "db">;
  /** Why it was not deleted. */
  message: string | undefined;
}

/** Asks whether the pipeline is to be deleted, or says why it was not. */
export function PipelineDeletePage({ view, message }: PipelineDeletePageProps) {
  const { project, pipeline } = view;
  const path = pipelinePath(pipeline);
  const { name } = pipeline;
  const crumbs = [
    { label: "Pipelines", href: pipelinesPath(project) },
    { label: name, href: path },
    { label: "Delete" },
  ];
  return (
    <ProjectShell view={view} title={`Delete ${name}`} section="pipelines" crumbs={crumbs}>
      <div class="measure stack">
        {message !== undefined && (
          <Callout level="error" title="The pipeline was not deleted" live>
            {message}
          </Callout>
        )}
        <Card title="Delete pipeline" headingLevel={1} tone="danger">
          <ConfirmForm action={`${path}/delete`} name={name} verb="Delete pipeline" cancelHref={path}>
            It no longer runs, and a run in progress is cancelled. Past runs and their files stay in the Predictions
            section of its deployment. Delivered data stays where it is. This cannot be undone.
          </ConfirmForm>
        </Card>
      </div>
    </ProjectShell>
  );
}
