import { crc32 } from "node:zlib";

/** `typ`: a personal token, acts as its user. `tyk`: an API key of one deployment. */
export type SecretKind = "typ" | "tyk";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
// 62^43 > 2^256 and 62^6 > 2^32: what 256 random bits and a CRC-32 take at most.
const RANDOM_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const FORM = new RegExp(`^(ty[pk])_([0-9A-Za-z]{${RANDOM_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);
const SHOWN_LENGTH = 12;

/**
 * A new secret `typ_…` or `tyk_…`: a prefix that secret scanners can match, 256 random bits in base 62, and a CRC-32 of
 * all that stands before it, by which a mistyped or invented one is told without asking the store.
 */
export function newSecret(kind: SecretKind): string {
  const body = `${kind}_${randomBase62()}`;
  return body + checksum(body);
}

/** Which kind of secret the text is by its form and checksum; null when it is none. Says nothing of whether it is valid. */
export function secretKind(text: string): SecretKind | null {
  const match = FORM.exec(text);
  if (!match) return null;
  const body = text.slice(0, -CHECKSUM_LENGTH);
  if (checksum(body) !== match[3]) return null;
  return match[1] === "typ" ? "typ" : "tyk";
}

/** The beginning of a secret, by which its owner knows it again in a list. */
export function shownPrefix(secret: string): string {
  return secret.slice(0, SHOWN_LENGTH);
}

/** 256 random bits in base 62, always 43 characters. */
export function randomBase62(): string {
  let value = 0n;
  for (const byte of crypto.getRandomValues(new Uint8Array(32))) value = (value << 8n) | BigInt(byte);
  return base62(value, RANDOM_LENGTH);
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_LENGTH);
}

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text;
  return text;
}
