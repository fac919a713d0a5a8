/** Where a deployment's records lie in R2 once they are too old for its hosts: removal finds them all under one prefix. */
export function recordsPrefix(deploymentId: string): string {
  return `records/${deploymentId}/`;
}
