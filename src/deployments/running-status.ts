import { database } from "../db.ts";
import { readStatus } from "./deployment-status.ts";
import type { HostName } from "./host-name.ts";
import type { Deployment } from "./queries.ts";
import { hostStub } from "./reach-host.ts";

/** Whether the API of a deployment answers now, as its host says. */
export interface RunningStatus {
  running: boolean;
  reason: string | null;
  /** Since when it is so, UTC ms; null where it has not been looked at, or was found otherwise. */
  since: number | null;
}

type Said = Omit<RunningStatus, "since">;

/** A host that takes longer to say something is not answering callers in time either. */
const PATIENCE_MS = 3_000;
/** Lists ask about many deployments; there an answer is good for this long. */
export const LISTED_AGE_MS_MAX = 10_000;
const entries = new Map<string, { status: RunningStatus; askedAt: number }>();
const ENTRIES_MAX = 1_000;

/**
 * Asks the host near the caller, unless it was asked within `ageMsMax`; never throws, because not knowing is an answer: then it is
 * not running.
 */
export async function runningStatus(
  env: Env,
  deployment: Pick<Deployment, "deployed" | "errorMessage">,
  host: HostName,
  nowMs: number,
  ageMsMax = 0,
): Promise<RunningStatus> {
  if (deployment.deployed !== "deployed") return { running: false, reason: deployment.errorMessage, since: null };
  const key = `${host.deploymentId}/${host.version}/${host.region}`;
  const entry = entries.get(key);
  if (entry && nowMs - entry.askedAt < ageMsMax) return entry.status;
  const [said, since] = await Promise.all([askHost(env, host), knownSince(env, host)]);
  const status = { ...said, since: since?.running === said.running ? since.atMs : null };
  if (entries.size >= ENTRIES_MAX) entries.clear();
  entries.set(key, { status, askedAt: nowMs });
  return status;
}

/** What the looks of each minute have found. It is told beside what the host says, and must not keep that from being told. */
async function knownSince(env: Env, { deploymentId }: HostName): Promise<{ running: boolean; atMs: number } | null> {
  try {
    const known = await readStatus(database(env), deploymentId);
    return known && { running: known.running, atMs: known.since };
  } catch (error) {
    console.error("since when a deployment is running could not be read", error);
    return null;
  }
}

async function askHost(env: Env, host: HostName): Promise<Said> {
  try {
    const late = scheduler
      .wait(PATIENCE_MS)
      .then(() => ({ running: false, reason: "The host did not answer within 3 s." }));
    const { running, reason } = await Promise.race([hostStub(env, host).answers(), late]);
    return { running, reason };
  } catch (error) {
    console.error("a host did not say whether it is running", error);
    return { running: false, reason: "The host did not answer." };
  }
}
