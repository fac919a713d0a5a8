import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

// OWASP's choice for scrypt at 16 MB: more memory would not fit beside the models of an isolate.
const COST = { N: 16_384, r: 8, p: 5 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
// scrypt needs 128 * N * r bytes; Node's own ceiling leaves no room for the rest of its buffers.
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;

/** What is stored for a user who has not set a password yet: no password verifies against it. */
export const NO_PASSWORD = "none";

/**
 * The stored form of a password: `scrypt$N$r$p$salt$hash`, salt and hash in base64url.
 * Takes about 0.2 s of CPU and 16 MB. It blocks on purpose: the runtime computes scrypt inside the call even where a
 * callback is given, so that an isolate never hashes two passwords at once and no queue has to see to it.
 */
export function hashPassword(password: string): string {
  const salt = randomBytes(SALT_BYTES);
  const hash = derive(password, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/**
 * True when `password` is the one that `stored` was made from. With `stored` null (no such account) or NO_PASSWORD it does
 * the same work and answers false, so that the time it takes does not tell whether the account exists.
 */
export function verifyPassword(password: string, stored: string | null): boolean {
  const parts = stored === null || stored === NO_PASSWORD ? null : parseStored(stored);
  const { cost, salt, hash } = parts ?? { cost: COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };
  const isSame = timingSafeEqual(derive(password, salt, cost), hash);
  return isSame && parts !== null;
}

type Cost = { N: number; r: number; p: number };

function derive(password: string, salt: Buffer, cost: Cost): Buffer {
  // Keyboards disagree on how to compose a letter with an accent.
  return scryptSync(password.normalize("NFKC"), salt, HASH_BYTES, { ...cost, maxmem: MEMORY_BYTES_MAX });
}

function parseStored(stored: string): { cost: Cost; salt: Buffer; hash: Buffer } {
  const [scheme, N, r, p, salt, hash] = stored.split("$");
  if (scheme !== "scrypt" || salt === undefined || hash === undefined) {
    throw new Error("A stored password is not in the form scrypt$N$r$p$salt$hash");
  }
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64url"),
    hash: Buffer.from(hash, "base64url"),
  };
}
