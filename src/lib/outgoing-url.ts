import { addressReach } from "./private-address.ts";

/** Longer addresses are refused by common servers. */
const LENGTH_MAX = 2_000;

/**
 * What keeps an address that a user gave from being called, as a sentence; null when nothing does. Taken are http and https without
 * credentials. Link-local addresses and metadata services never are, private ones only with `allowPrivate`.
 */
export function outgoingUrlProblem(text: string, allowPrivate: boolean): string | null {
  if (text.length > LENGTH_MAX) return `A URL has at most ${LENGTH_MAX} characters.`;
  if (!URL.canParse(text)) return "Not a valid URL. Example: https://example.org/path.";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "A URL must start with https:// or http://.";
  if (url.username !== "" || url.password !== "")
    return "The URL contains a user name or password, which would be visible. Remove it. Messages are signed instead.";
  const reach = addressReach(url.hostname);
  if (reach === null) return "Not a valid URL. Example: https://example.org/path.";
  if (reach === "never") return `${url.hostname} is a link-local or reserved address, which is never called.`;
  if (reach === "private" && !allowPrivate)
    return `${url.hostname} is a private address. The operator can allow these by setting ALLOW_PRIVATE_NETWORK to 1.`;
  return null;
}
