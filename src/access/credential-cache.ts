import { FreshCache } from "../lib/fresh-cache.ts";
import type { Caller } from "./caller.ts";

/** A credential as it was read from the store. */
export interface Credential {
  /** Of the personal token or API key. */
  id: string;
  caller: Caller;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

/**
 * Credentials that this isolate read lately, by the secret itself: the request carries it in any case, and hashing it anew for each
 * call costs more than looking it up. The contract gives a deleted key 5 s; other isolates learn of it within 4.
 */
const credentials = new FreshCache<Credential>({ freshMs: 2_000, keepMs: 4_000, entriesMax: 2_000 });

/**
 * The credential with this secret as this isolate read it at most 4 s ago, and whether to read it again; null when it has to be read
 * first.
 */
export function cachedCredential(secret: string, nowMs: number): { credential: Credential; isDue: boolean } | null {
  const entry = credentials.get(secret, nowMs);
  if (!entry) return null;
  const { value: credential, isDue } = entry;
  if (credential.expiresAt !== null && credential.expiresAt <= nowMs) return null;
  return { credential, isDue };
}

/** Keeps a credential; one that is gone is forgotten. */
export function cacheCredential(secret: string, credential: Credential | null, nowMs: number): void {
  if (credential) credentials.set(secret, credential, nowMs);
  else credentials.delete(secret);
}

/** Forgets one credential, so that its end is felt at once in this isolate. */
export function evictCredential(id: string): void {
  credentials.deleteWhere((credential) => credential.id === id);
}

/** Forgets the credentials of a user whose roles or state changed. */
export function evictUser(userId: string): void {
  credentials.deleteWhere(({ caller }) => caller.kind === "user" && caller.userId === userId);
}
