const VERSION = "v1";
const NONCE_BYTES = 12;
const encoder = new TextEncoder();

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Encrypts a text (AES-256-GCM) so that only who has the key can read it, and only in its place: `boundTo` names that, such as a table, a
 * row's id and a field, and a sealed text that was moved to another row does not open. `secret` is any text with 256 bits of chance in
 * it. The same text is sealed differently each time.
 */
export async function seal(secret: string, boundTo: string, text: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(parameters(nonce, boundTo), await keyOf(secret), encoder.encode(text));
  return [VERSION, base64url(nonce), base64url(new Uint8Array(sealed))].join(".");
}

/** Reads what `seal` wrote. Throws Error where the key or the place is another one, or a bit of it was changed. */
export async function unseal(secret: string, boundTo: string, sealed: string): Promise<string> {
  const [version, nonce, data, ...rest] = sealed.split(".");
  if (version !== VERSION || nonce === undefined || data === undefined || rest.length > 0) throw notOpened(boundTo);
  try {
    const opened = await crypto.subtle.decrypt(
      parameters(fromBase64url(nonce), boundTo),
      await keyOf(secret),
      fromBase64url(data),
    );
    return new TextDecoder().decode(opened);
  } catch (cause) {
    throw notOpened(boundTo, cause);
  }
}

function notOpened(boundTo: string, cause?: unknown): Error {
  return new Error(`The sealed value of ${boundTo} does not open: it was changed, or SEALING_KEY is different.`, {
    cause,
  });
}

function parameters(iv: Bytes, boundTo: string): { name: "AES-GCM"; iv: Bytes; additionalData: Bytes } {
  return { name: "AES-GCM", iv, additionalData: Uint8Array.from(encoder.encode(boundTo)) };
}

// By HKDF (RFC 5869) the secret may have any form, and another use of it gets another key.
async function keyOf(secret: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const derivation = {
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(),
    info: encoder.encode("tiltyard seal v1"),
  };
  return crypto.subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64url(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
