import { isAppError } from "../../errors.ts";
import type { HostStatus } from "../spec/host-answer.ts";

/** Whether the challenger answers: it is not suspended, and `load` brings its model. Says what keeps it from that. */
export async function challengerStatus(
  { suspendedAt, suspendedReason }: { suspendedAt: number | null; suspendedReason: string | null },
  load: () => Promise<unknown>,
): Promise<NonNullable<HostStatus["challenger"]>> {
  if (suspendedAt !== null) return { running: false, reason: suspendedReason, suspendedAt };
  try {
    await load();
    return { running: true, reason: null, suspendedAt: null };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { running: false, reason: error.message, suspendedAt: null };
  }
}
