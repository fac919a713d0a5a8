import { and, eq, isNull } from "drizzle-orm";
import type { Change } from "../audit/audit.ts";
import { auditedChange } from "../audit/audited-change.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { VerbContext } from "../verb-context.ts";
import { type DeploymentRow, forgetDeployment } from "./find-deployment.ts";
import { type HostName, parseHostName } from "./host-name.ts";
import { listHosts } from "./queries.ts";
import { hostStub } from "./reach-host.ts";
import type { Region } from "./region.ts";
import { deployments } from "./schema.ts";

/** What a switch is asked for with: in `region`, the caller's, a host is made when the deployment has none yet. */
export interface SwitchInput {
  deployment: string;
  region: Region;
}

/**
 * Makes `version`, which exists, the one that answers, so that callers notice nothing: its hosts are warmed where those of the
 * present version are, then one guarded write moves the pointer, together with the entry of the audit log, then all of them learn of
 * it. When this returns, calls begun later are answered by `version`. Throws AppError, and then everything is as it was: `model_load`
 * when a model does not load, `conflict` when another switch was faster.
 */
export async function switchVersion(
  ctx: VerbContext,
  deployment: DeploymentRow,
  { version, region, ...change }: Pick<Change, "action" | "after"> & { version: number; region: Region },
): Promise<DeploymentRow> {
  const { env, db } = ctx;
  const { id, projectId, name, currentVersion } = deployment;
  const from = await hostsOf(db, id, currentVersion);
  const first = { deploymentId: id, version, region, shard: 0 };
  const next = from.length > 0 ? from.map((host) => ({ ...host, version })) : [first];
  await Promise.all(next.map((host) => warm(env, host)));
  const [switched] = await auditedChange(
    ctx,
    db
      .update(deployments)
      .set({ currentVersion: version, deployed: "deployed", errorCode: null, errorMessage: null })
      .where(and(eq(deployments.id, id), eq(deployments.currentVersion, currentVersion), isNull(deployments.deletedAt)))
      .returning(),
    {
      projectId,
      object: { kind: "deployment", id, name },
      before: { version: currentVersion },
      action: change.action,
      after: { version, ...change.after },
    },
  );
  if (!switched) {
    throw new AppError(
      "conflict",
      "Another switch of this deployment was faster, or it has been deleted. Look at its current version, then decide again.",
    );
  }
  forgetDeployment(deployment);
  // Read again: a host of the old version may have started meanwhile. One that starts from here on reads the pointer by itself.
  const left = await hostsOf(db, id, currentVersion);
  await Promise.all([...next, ...left].map((host) => tell(env, host)));
  return switched;
}

async function hostsOf(db: Database, deploymentId: string, version: number): Promise<HostName[]> {
  const hosts = await listHosts(db, deploymentId);
  return hosts.filter(({ versionNumber }) => versionNumber === version).map(({ name }) => parseHostName(name));
}

async function warm(env: Env, host: HostName): Promise<void> {
  const { running, reason, challenger } = await hostStub(env, host).warm();
  if (!running) throw new AppError("model_load", `The main model does not load: ${reason ?? "no reason was given"}`);
  // A suspended challenger was loaded once; that it is asked no more is no reason to keep its main model from answering.
  if (challenger?.running === false && challenger.suspendedAt === null) {
    throw new AppError("model_load", `The challenger does not load: ${challenger.reason ?? "no reason was given"}`);
  }
}

/** A host that cannot be told now reads the pointer when it starts again; callers learn of the switch within seconds in any case. */
async function tell(env: Env, host: HostName): Promise<void> {
  try {
    await hostStub(env, host).learnCurrent();
  } catch (error) {
    console.error("a host was not told of a switch", error);
  }
}
