import { ButtonLink } from "../../../ui/button.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import type { DeploymentListView } from "./view.ts";

/** Stands where the list would be: what leads a new person to the first deployment, or why nothing is found. */
export function NoDeployments({ list, firstPage }: { list: DeploymentListView; firstPage: string }) {
  const { slug } = list.project;
  if (list.total > 0) {
    return (
      <EmptyState
        title="This page is empty"
        icon="deployments"
        action={<ButtonLink href={firstPage}>Go to the first page</ButtonLink>}
      >
        The list has fewer pages.
      </EmptyState>
    );
  }
  if (list.search.term.trim() !== "") {
    return (
      <EmptyState
        title="No matching deployments"
        icon="search"
        action={<ButtonLink href={`/projects/${slug}/deployments`}>Show all</ButtonLink>}
      />
    );
  }
  if (!list.mayCreate) {
    return (
      <EmptyState title="No deployments yet" icon="deployments">
        Contributors of the project can deploy its experiments. Your role can view them.
      </EmptyState>
    );
  }
  if (!list.hasExperiments) {
    return (
      <EmptyState
        title="No deployments yet"
        icon="deployments"
        action={
          <ButtonLink href={`/projects/${slug}/experiments`} variant="primary" icon="experiments">
            Go to the experiments
          </ButtonLink>
        }
      >
        Start with an experiment: add the training data, upload an ONNX model, and deploy it here.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No deployments yet"
      icon="deployments"
      action={
        <ButtonLink href={`/projects/${slug}/deployments/new`} variant="primary" icon="plus">
          Deploy a new experiment
        </ButtonLink>
      }
    >
      Choose a model of an experiment to get a REST address and a form for it in seconds.
    </EmptyState>
  );
}
