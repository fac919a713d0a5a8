import type { Database } from "../db.ts";
import { listDeploymentVersions } from "../deployments/queries.ts";
import { describeMonitored, type Monitored } from "./monitored.ts";

/**
 * What the rows of one version of a deployment are compared with: its own models and reference. A version that does not exist has the
 * current ones.
 */
export async function monitoredVersion(
  { env, db }: { env: Env; db: Database },
  monitored: Monitored,
  version: number | null,
): Promise<Monitored> {
  const { deployment } = monitored;
  if (version === null || version === deployment.currentVersion) return monitored;
  const versions = await listDeploymentVersions(db, deployment.id);
  const own = versions.find(({ number }) => number === version);
  return own ? describeMonitored(env, db, deployment, own) : monitored;
}

/** What each version is compared with that has another training reference than the current one. */
export async function otherReferences(
  { env, db }: { env: Env; db: Database },
  { deployment, reference }: Monitored,
): Promise<Monitored[]> {
  const versions = await listDeploymentVersions(db, deployment.id);
  const others = versions.filter(({ main }) => main.version !== reference.version);
  const newest = new Map(others.toReversed().map((version) => [version.main.version, version]));
  return Promise.all([...newest.values()].map((version) => describeMonitored(env, db, deployment, version)));
}
