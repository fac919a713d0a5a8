/** Where the pipelines of a project are. */
export function pipelinesPath({ slug }: { slug: string }): string {
  return `/projects/${slug}/pipelines`;
}

/** Where one pipeline is. */
export function pipelinePath({ id }: { id: string }): string {
  return `/pipelines/${id}`;
}

/** Where one run is. */
export function runPath({ id }: { id: string }): string {
  return `/runs/${id}`;
}
