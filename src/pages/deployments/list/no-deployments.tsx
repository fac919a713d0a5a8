import { ButtonLink } from "../../../ui/button.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import type { DeploymentListView } from "./deployment-list.tsx";

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
        There are fewer deployments than that.
      </EmptyState>
    );
  }
  if (list.search.term.trim() !== "") {
    return (
      <EmptyState
        title="No deployment has this in its name"
        icon="search"
        action={<ButtonLink href={`/projects/${slug}/deployments`}>Show all</ButtonLink>}
      />
    );
  }
  if (!list.mayCreate) {
    return (
      <EmptyState title="No deployments yet" icon="deployments">
        Contributors of the project can deploy its experiments. Your role lets you look at them.
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
        It begins with an experiment: give it the training data, upload an ONNX model, and deploy it here.
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
      Choose a model of an experiment, and get a REST address and a form for it in seconds.
    </EmptyState>
  );
}
