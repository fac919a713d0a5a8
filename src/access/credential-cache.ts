import type { Caller } from "./caller.ts";

/** A credential as it was read from the store. */
export interface Credential {
  /** Of the personal token or API key. */
  id: string;
  caller: Caller;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

// The contract gives a deleted key 5 s; other isolates learn of it when their copy has aged.
const AGE_MS_MAX = 2_000;
const ENTRIES_MAX = 2_000;

const entries = new Map<string, { credential: Credential; readAt: number }>();

/**
 * The credential with this hash as this isolate read it at most 2 s ago; null when it has to be read again.
 * Holds values, never promises: a promise belongs to the request that made it.
 */
export function cachedCredential(hash: string, nowMs: number): Credential | null {
  const entry = entries.get(hash);
  if (!entry) return null;
  const { credential, readAt } = entry;
  const isFresh = nowMs - readAt < AGE_MS_MAX && (credential.expiresAt === null || credential.expiresAt > nowMs);
  if (isFresh) return credential;
  entries.delete(hash);
  return null;
}

/** Keeps a credential for 2 s; the oldest one goes when there are too many. */
export function cacheCredential(hash: string, credential: Credential, nowMs: number): void {
  entries.delete(hash);
  entries.set(hash, { credential, readAt: nowMs });
  if (entries.size <= ENTRIES_MAX) return;
  const oldest = entries.keys().next();
  if (!oldest.done) entries.delete(oldest.value);
}

/** Forgets one credential, so that its end is felt at once in this isolate. */
export function evictCredential(id: string): void {
  evict((credential) => credential.id === id);
}

/** Forgets the credentials of a user whose roles or state changed. */
export function evictUser(userId: string): void {
  evict(({ caller }) => caller.kind === "user" && caller.userId === userId);
}

function evict(matches: (credential: Credential) => boolean): void {
  for (const [hash, { credential }] of entries) {
    if (matches(credential)) entries.delete(hash);
  }
}
