import { hex } from "../lib/hash.ts";

const encoder = new TextEncoder();

/** The value of X-Tiltyard-Signature: `sha256=` and the hex of HMAC-SHA-256 over `timestamp.body`, by the UTF-8 of the whole secret. */
export async function signWebhook(secret: string, timestamp: string, body: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(`${timestamp}.${body}`));
  return `sha256=${hex(new Uint8Array(signature))}`;
}
