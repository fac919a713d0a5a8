import { deploymentPath, DeploymentShell, type DeploymentView } from "../deployments/deployment-shell.tsx";
import { pollAttributes } from "../../ui/poll.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Pagination } from "../../ui/pagination.tsx";
import { pipelinesPath } from "../../pipelines/definitions/pipeline-paths.ts";
import type { Run } from "../../pipelines/runs/queries.ts";
import { progressOfAll, RunsTable } from "./runs-table.tsx";

export interface DeploymentRunsView extends DeploymentView {
  runs: Run[];
  /** True where a few stand beside the recorded predictions, and all on a page of their own. */
  newestOnly: boolean;
  /** That of this page; null on the first one. */
  cursor: string | null;
  nextCursor: string | null;
}

/** All batch runs of a deployment, newest first. */
export function DeploymentRunsPage({ view }: { view: DeploymentRunsView }) {
  return (
    <DeploymentShell view={view} section="predictions" below="Batch runs">
      <div class="cluster">
        <ButtonLink href={`${deploymentPath(view.deployment)}/predictions`} icon="chevron-left" size="small">
          Predictions
        </ButtonLink>
      </div>
      <DeploymentRunsCard view={view} />
    </DeploymentShell>
  );
}

/** The runs. While one is under way, the card asks for itself again. */
export function DeploymentRunsCard({ view }: { view: DeploymentRunsView }) {
  const { runs, newestOnly, cursor, nextCursor, nowMs } = view;
  const path = `${deploymentPath(view.deployment)}/runs`;
  if (newestOnly && runs.length === 0) return <NoRuns view={view} />;
  const seen = progressOfAll(runs);
  const query = new URLSearchParams({
    ...(newestOnly && { newest: "true" }),
    ...(cursor !== null && { cursor }),
    ...(seen !== null && { seen }),
  });
  const pages = !newestOnly && (nextCursor !== null || cursor !== null) && (
    <Pagination
      previousHref={cursor === null ? undefined : path}
      previousLabel="Newest"
      nextHref={nextCursor === null ? undefined : `${path}?cursor=${nextCursor}`}
    />
  );
  return (
    <div id="runs" {...(seen === null ? {} : pollAttributes(`${path}?${query.toString()}`))}>
      <Card
        title="Batch runs"
        flush
        footer={pages}
        actions={
          newestOnly &&
          nextCursor !== null && (
            <ButtonLink href={path} size="small">
              All runs
            </ButtonLink>
          )
        }
      >
        <RunsTable
          runs={runs}
          namesPipelines
          nowMs={nowMs}
          empty={
            <EmptyState title="No batch runs yet" icon="pipelines">
              <NoRuns view={view} />
            </EmptyState>
          }
        />
      </Card>
    </div>
  );
}

/** In a line: most deployments answer calls, and never see a run. */
function NoRuns({ view: { deployment, project, mayChange } }: { view: DeploymentRunsView }) {
  return (
    <p class="muted small">
      No batch runs. A pipeline predicts whole files and tables with this deployment
      {mayChange ? (
        <>
          : <a href={`${pipelinesPath(project)}/new?deployment=${deployment.id}`}>make one</a>.
        </>
      ) : (
        "."
      )}
    </p>
  );
}
