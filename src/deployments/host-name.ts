import { regions, type Region } from "./region.ts";

/** A host serves one version of one deployment in one region, as one of several shards; its name says so. */
export interface HostName {
  deploymentId: string;
  version: number;
  region: Region;
  shard: number;
}

/** The name under which the Durable Object is found: deployment/version/region/shard. */
export function hostName({ deploymentId, version, region, shard }: HostName): string {
  return `${deploymentId}/${version}/${region}/${shard}`;
}

/** Region and shard as prediction ids carry them. */
export function hostPlace({ region, shard }: Pick<HostName, "region" | "shard">): string {
  return `${region}${shard}`;
}

/** Reads a name back; throws on one that hostName did not make. */
export function parseHostName(name: string): HostName {
  const [deploymentId, version, region, shard, ...rest] = name.split("/");
  const known = regions.find((candidate) => candidate === region);
  if (!deploymentId || !known || rest.length > 0) throw new Error(`not the name of a host: ${name}`);
  return { deploymentId, version: Number(version), region: known, shard: Number(shard) };
}

/** The host of a deployment that a prediction id names; null when the id names none. */
export function hostOfPlace(deploymentId: string, version: number, place: string): HostName | null {
  const match = /^([a-z]+)(\d{1,2})$/.exec(place);
  const region = regions.find((candidate) => candidate === match?.[1]);
  return region && match ? { deploymentId, version, region, shard: Number(match[2]) } : null;
}

/** The records of a batch run of a version. */
export interface RunName {
  deploymentId: string;
  version: number;
  runId: string;
}

/** The name under which the object with the records of a run is found: deployment/version/run/id. */
export function runName({ deploymentId, version, runId }: RunName): string {
  return `${deploymentId}/${version}/run/${runId}`;
}

/** Reads such a name back; null for that of a host that answers calls. */
export function parseRunName(name: string): RunName | null {
  const [deploymentId, version, kind, runId, ...rest] = name.split("/");
  if (!deploymentId || kind !== "run" || !runId || rest.length > 0) return null;
  return { deploymentId, version: Number(version), runId };
}
