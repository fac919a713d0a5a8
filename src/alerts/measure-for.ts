import type { Database } from "../db.ts";
import type { Deployment } from "../deployments/queries.ts";
import { KINDS } from "./alert-kinds.ts";
import type { AlertRule } from "./alert-rules.ts";
import type { Measured } from "./measured.ts";
import { readRecentCalls, type RecentCalls } from "./recent-calls.ts";

/**
 * Measures what alerts of one deployment are about, as it is now. What several of them need is read once. Throws what the store and the
 * hosts throw.
 */
export function measureFor(
  ports: { env: Env; db: Database; nowMs: number },
  deployment: Deployment,
): (rule: AlertRule) => Promise<Measured> {
  let calls: Promise<RecentCalls> | null = null;
  const look = { ...ports, deployment, calls: () => (calls ??= readRecentCalls(ports, deployment)) };
  const known = new Map<string, Promise<Measured>>();
  return ({ kind, metric }) => {
    const key = `${kind} ${metric}`;
    const measured = known.get(key) ?? KINDS[kind].measure(look, metric);
    known.set(key, measured);
    return measured;
  };
}
