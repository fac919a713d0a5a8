import { HEAP_BUDGET_BYTES } from "../config.ts";
import { Session } from "./runtime.ts";

/** Which of two models goes first when memory is short: a challenger, always. */
export type ModelRole = "main" | "challenger";

interface Loaded {
  session: Session;
  role: ModelRole;
  lastUsed: number;
}

/** A model may grow beyond what its trial took, because calls may bring more rows at once; it may not take the others' memory. */
const HEAP_GROWTH = 1.5;
const HEAP_HEADROOM_BYTES = 16_000_000;

/**
 * The loaded models of this isolate, by SHA-256 of the served file. Objects of several deployments may share an
 * isolate, so the memory budget is one for all of them: the least recently used model goes first.
 */
const loaded = new Map<string, Loaded>();
let clock = 0;

/** The session of a model when it is loaded; asking counts as use. */
export function loadedSession(sha256: string): Session | null {
  const entry = loaded.get(sha256);
  if (!entry) return null;
  if (entry.session.isBroken) {
    unloadSession(sha256);
    return null;
  }
  clock += 1;
  entry.lastUsed = clock;
  return entry.session;
}

/**
 * Loads a model, making room for the `heapBytes` that it was measured to take. Repeating is safe: a model that
 * is loaded already is answered as it is, and only a main model's need makes it a main model.
 * Throws AppError `model_load` or `model_memory`.
 */
export async function loadSession(
  sha256: string,
  role: ModelRole,
  heapBytes: number,
  readModel: () => Promise<Uint8Array>,
): Promise<Session> {
  const present = loadedSession(sha256);
  if (present) {
    promote(sha256, role);
    return present;
  }
  const model = await readModel();
  makeRoom(heapBytes);
  const session = await Session.load(model, Math.min(HEAP_BUDGET_BYTES, heapBytes * HEAP_GROWTH + HEAP_HEADROOM_BYTES));
  const raced = loadedSession(sha256);
  if (raced) {
    session.release();
    promote(sha256, role);
    return raced;
  }
  clock += 1;
  loaded.set(sha256, { session, role, lastUsed: clock });
  return session;
}

function promote(sha256: string, role: ModelRole): void {
  const entry = loaded.get(sha256);
  if (entry && role === "main") entry.role = "main";
}

/** Bytes of WASM memory that the loaded models hold together. */
export function heapBytesInUse(): number {
  let bytes = 0;
  for (const { session } of loaded.values()) bytes += session.memoryBytes;
  return bytes;
}

/** Unloads one model, as after a run that left its session unusable. */
export function unloadSession(sha256: string): void {
  loaded.get(sha256)?.session.release();
  loaded.delete(sha256);
}

function makeRoom(heapBytes: number): void {
  const candidates = [...loaded.entries()].sort(
    ([, one], [, other]) =>
      Number(one.role === "main") - Number(other.role === "main") || one.lastUsed - other.lastUsed,
  );
  for (const [sha256] of candidates) {
    if (heapBytesInUse() + heapBytes <= HEAP_BUDGET_BYTES) return;
    unloadSession(sha256);
  }
}
