import type { Database } from "../db.ts";
import { readWindows, type WindowPart, type WindowsRead } from "../windows/read-windows.ts";
import type { Monitored } from "./monitored.ts";
import type { TimeSpan } from "./time-span.ts";

/** The windows of a span that were counted by the deployment's present reference: see readWindows. */
export function readSpan(
  { env, db }: { env: Env; db: Database },
  { deployment, reference }: Pick<Monitored, "deployment" | "reference">,
  { bucket, ...span }: TimeSpan,
  parts: readonly WindowPart[],
): Promise<WindowsRead> {
  const { id: deploymentId, currentVersion } = deployment;
  return readWindows(
    env,
    db,
    { ...span, span: bucket, deploymentId, currentVersion, referenceId: reference.id },
    parts,
  );
}
