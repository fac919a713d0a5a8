import type { Deployment } from "../../../deployments/queries.ts";
import type { RunningStatus } from "../../../deployments/running-status.ts";
import type { DeploymentSearch } from "../../../deployments/search-deployments.ts";

export interface DeploymentRowView {
  deployment: Deployment;
  status: RunningStatus;
  mayDelete: boolean;
}

export interface DeploymentListView {
  project: { slug: string; name: string };
  rows: DeploymentRowView[];
  /** That the search finds, on all pages. */
  total: number;
  search: DeploymentSearch;
  /** Ids of the shown deployments that are being built. */
  building: string[];
  mayCreate: boolean;
  /** Only looked up where there is no deployment. */
  hasExperiments: boolean;
}
