import { type HostName, hostOfPlace, hostPlace } from "../../deployments/host-name.ts";

/** Where a record lies: in segment `segment` of one host, at `index`. */
export interface RecordPlace {
  host: HostName;
  segment: number;
  index: number;
}

/** What stands behind the stem of the deployment. */
const PLACE_PATTERN = /^([0-9a-z]{1,6})-([a-z]{2,8}[0-9]{1,2})-([0-9a-z]{1,9})-([0-9a-z]{1,4})$/;

/**
 * What the ids of all records of a host begin with: deployment, version, region and shard. Made once for many ids: predictions come
 * thousands of times a second.
 */
export function predictionIdStem(host: HostName): string {
  return `${deploymentStem(host.deploymentId)}${host.version.toString(36)}-${hostPlace(host)}-`;
}

/** The id of a record of the host that `stem` is of. To callers it is opaque; no two deployments give the same one. */
export function predictionId(stem: string, segment: number, index: number): string {
  return `${stem}${segment.toString(36)}-${index.toString(36)}`;
}

/** The place that an id names; null when it names none of this deployment's. */
export function parsePredictionId(deploymentId: string, id: string): RecordPlace | null {
  const stem = deploymentStem(deploymentId);
  const match = id.startsWith(stem) ? PLACE_PATTERN.exec(id.slice(stem.length)) : null;
  if (!match) return null;
  const [, version = "", place = "", segment = "", index = ""] = match;
  const host = hostOfPlace(deploymentId, Number.parseInt(version, 36), place);
  return host && { host, segment: Number.parseInt(segment, 36), index: Number.parseInt(index, 36) };
}

/** The random part of the deployment's id says which it is. */
function deploymentStem(deploymentId: string): string {
  return `p${deploymentId.slice(DEPLOYMENT_PREFIX.length)}-`;
}

const DEPLOYMENT_PREFIX = "dep_";
