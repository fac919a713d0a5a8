import type { alerts } from "./schema.ts";

/** How an alert stands. */
export type AlertStanding = Pick<typeof alerts.$inferSelect, "state" | "since" | "fineLooks">;

/** What a look at the deployment says: `unknown` where there is too little to judge by. */
export type Reading = "breached" | "fine" | "unknown";

/** A firing alert is resolved when so many looks in a row found it fine: one may be chance. */
const FINE_LOOKS = 2;

/**
 * How an alert stands after a look, and what is to be told of it. Not knowing neither begins an incident nor ends one. Pure.
 */
export function afterLook(
  before: AlertStanding,
  reading: Reading,
  nowMs: number,
): AlertStanding & { event: "firing" | "resolved" | null } {
  if (before.state === "firing") {
    if (reading === "unknown") return { ...before, event: null };
    const fineLooks = reading === "fine" ? before.fineLooks + 1 : 0;
    if (fineLooks < FINE_LOOKS) return { ...before, fineLooks, event: null };
    return { state: "ok", since: nowMs, fineLooks: 0, event: "resolved" };
  }
  if (reading === "breached") return { state: "firing", since: nowMs, fineLooks: 0, event: "firing" };
  const state = reading === "fine" ? "ok" : "unknown";
  return { state, since: before.state === state ? before.since : nowMs, fineLooks: 0, event: null };
}
