import { and, asc, eq, exists, gt, inArray, isNotNull, isNull, lte, ne, or, sql } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { keepStatus, type KnownStatus, type SeenStatus } from "../../deployments/deployment-status.ts";
import { type HostName, parseHostName } from "../../deployments/host-name.ts";
import { hostStub } from "../../deployments/reach-host.ts";
import { deploymentHosts, deployments, deploymentStatus } from "../../deployments/schema.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { projects } from "../../projects/schema.ts";
import { coerceRows } from "../spec/coerce-rows.ts";
import { exampleRow } from "../spec/describe-deployment.ts";
import { findServingSpec } from "../spec/find-serving-spec.ts";
import type { ProbeAnswer } from "../host/probe-model.ts";

const PER_TICK = 60;
const AT_A_TIME = 5;
/** Loading a large model takes some seconds; a caller would wait no longer either. */
const PATIENCE_MS = 20_000;

type Looked = Pick<typeof deployments.$inferSelect, "id" | "currentVersion" | "deployed" | "errorMessage">;

/**
 * Looks whether deployments answer: those with calls of late by asking their hosts, the others by a probe, less and less often while
 * nothing changes. Each look is kept. Repeating is safe, and one that fails keeps none of the others from being looked at.
 */
export async function probeDeployments(env: Env, db: Database, nowMs: number): Promise<void> {
  await db
    .delete(deploymentStatus)
    .where(
      inArray(
        deploymentStatus.deploymentId,
        db.select({ id: deployments.id }).from(deployments).where(isNotNull(deployments.deletedAt)),
      ),
    );
  const due = await selectDue(db, nowMs);
  await inParallel(due, AT_A_TIME, async ({ deployment, known }) => {
    try {
      await keepStatus(db, known, await look(env, db, deployment), nowMs);
    } catch (error) {
      console.error(`deployment ${deployment.id} was not looked at`, error);
    }
  });
}

/** Those whose time has come, that serve another version by now, or that were called since they were looked at. */
function selectDue(db: Database, nowMs: number): Promise<{ deployment: Looked; known: KnownStatus | null }[]> {
  const { id, currentVersion, deployed, errorMessage } = deployments;
  const called = db
    .select({ one: sql`1` })
    .from(deploymentHosts)
    .where(
      and(
        eq(deploymentHosts.deploymentId, id),
        gt(deploymentHosts.unpushedSince, deploymentHosts.createdAt),
        gt(deploymentHosts.unpushedSince, deploymentStatus.checkedAt),
      ),
    );
  return db
    .select({ deployment: { id, currentVersion, deployed, errorMessage }, known: deploymentStatus })
    .from(deployments)
    .innerJoin(projects, eq(projects.id, deployments.projectId))
    .leftJoin(deploymentStatus, eq(deploymentStatus.deploymentId, id))
    .where(
      and(
        isNull(deployments.deletedAt),
        isNull(projects.deletedAt),
        ne(deployed, "building"),
        or(
          isNull(deploymentStatus.deploymentId),
          lte(deploymentStatus.nextProbeAt, nowMs),
          ne(deploymentStatus.version, currentVersion),
          exists(called),
        ),
      ),
    )
    .orderBy(asc(deploymentStatus.nextProbeAt))
    .limit(PER_TICK);
}

async function look(env: Env, db: Database, deployment: Looked): Promise<SeenStatus> {
  const seen = { deploymentId: deployment.id, version: deployment.currentVersion };
  if (deployment.deployed === "failed")
    return { ...seen, running: false, reason: deployment.errorMessage, byTraffic: false };
  const hosts = await selectHosts(db, deployment);
  for (const { name } of hosts.filter(({ isCalled }) => isCalled)) {
    const said = await ask(() => hostStub(env, parseHostName(name)).answers());
    if (said.running) return { ...seen, running: true, reason: null, byTraffic: true };
  }
  const [first] = hosts;
  const host: HostName = first
    ? parseHostName(first.name)
    : { deploymentId: deployment.id, version: deployment.currentVersion, region: "local", shard: 0 };
  return { ...seen, ...(await probe(env, db, host)), byTraffic: false };
}

/** The hosts of the current version, those that were called of late first: a call sets when they began to hold counts of their own. */
function selectHosts(db: Database, { id, currentVersion }: Looked): Promise<{ name: string; isCalled: boolean }[]> {
  const { name, deploymentId, versionNumber, unpushedSince, createdAt, runAt } = deploymentHosts;
  const isCalled = sql<boolean>`coalesce(${unpushedSince} > ${createdAt}, 0)`.mapWith(Boolean);
  return db
    .select({ name, isCalled })
    .from(deploymentHosts)
    .where(and(eq(deploymentId, id), eq(versionNumber, currentVersion), isNull(runAt)))
    .orderBy(sql`${isCalled} desc`, name)
    .limit(5);
}

/** A row of typical values, on the way that calls go from here on. */
async function probe(env: Env, db: Database, host: HostName): Promise<ProbeAnswer> {
  const spec = await findServingSpec(db, host.deploymentId, host.version);
  if (!spec) return { running: false, reason: "What the deployment serves cannot be read." };
  const { rows } = coerceRows({ ...spec, typePolicy: "best_effort" }, [exampleRow(spec)], () => "example");
  return ask(() => hostStub(env, host).probe(rows));
}

async function ask(question: () => Promise<ProbeAnswer>): Promise<ProbeAnswer> {
  try {
    const late = scheduler
      .wait(PATIENCE_MS)
      .then(() => ({ running: false, reason: `The host did not answer within ${PATIENCE_MS / 1_000} s.` }));
    const { running, reason } = await Promise.race([question(), late]);
    return { running, reason };
  } catch (error) {
    console.error("a host did not answer a probe", error);
    return { running: false, reason: "The host did not answer." };
  }
}
