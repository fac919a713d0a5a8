import { AwsClient } from "aws4fetch";
import type { OpenedS3 } from "../connections/connection-input.ts";
import { Silence } from "../connections/time-limits.ts";
import { encodeSegment } from "../connections/s3-client.ts";
import { excerpt } from "../delivery/delivery-error.ts";
import { SourceError } from "./source-error.ts";
import { limitedBytes, reached, SILENCE_MS } from "./web-file.ts";

const OBJECTS_MAX = 1_000;
const PAGE_CHARACTERS_MAX = 4_000_000;

/** Objects of a store that speaks S3's protocol. */
export interface StoredObjects {
  /** The keys that the key or pattern names, in the order of their names. `*` stands for any characters. */
  keys: () => Promise<string[]>;
  read: (key: string) => Promise<AsyncIterable<Uint8Array>>;
}

/** The objects that `pattern` names; throws SourceError where there are none, more than 1,000, or the store refuses. */
export function storedObjects({ settings, secret }: OpenedS3, pattern: string, call: typeof fetch): StoredObjects {
  const { endpoint, region, bucket, access_key_id: accessKeyId } = settings;
  const signer = new AwsClient({ accessKeyId, secretAccessKey: secret.secret_access_key, region, service: "s3" });
  const root = `${endpoint.replace(/\/+$/, "")}/${encodeSegment(bucket)}`;
  const get = async (address: string, signal: AbortSignal): Promise<Response> => {
    const response = await reached(call(await signer.sign(address, { method: "GET" }), { redirect: "manual", signal }));
    if (response.ok) return response;
    throw refusal(response.status, errorText(await response.text()), pattern);
  };
  return {
    keys: () => (pattern.includes("*") ? listKeys(root, pattern, get) : Promise.resolve([pattern])),
    read: async (key) => {
      const silence = new Silence(SILENCE_MS);
      try {
        const response = await get(`${root}/${key.split("/").map(encodeSegment).join("/")}`, silence.signal);
        const length = Number(response.headers.get("content-length") ?? "0");
        return limitedBytes(response.body ?? new Blob([]).stream(), length, silence);
      } catch (error) {
        silence.end();
        throw error;
      }
    },
  };
}

async function listKeys(
  root: string,
  pattern: string,
  get: (address: string, signal: AbortSignal) => Promise<Response>,
): Promise<string[]> {
  const parts = pattern.split("*");
  const shape = new RegExp(
    `^${parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join(".*")}$`,
    "s",
  );
  const found: string[] = [];
  let token: string | null = null;
  do {
    const page: Record<string, string> = { "list-type": "2", "encoding-type": "url", prefix: parts[0] ?? "" };
    if (token !== null) page["continuation-token"] = token;
    const silence = new Silence(SILENCE_MS);
    const query = Object.entries(page)
      .map(([name, value]) => `${name}=${encodeSegment(value)}`)
      .join("&");
    const text = await get(`${root}?${query}`, silence.signal)
      .then((response) => response.text())
      .finally(() => silence.end());
    if (text.length > PAGE_CHARACTERS_MAX)
      throw new SourceError(
        "object_list",
        "The store's list of objects is too long to be read. Give a longer beginning of the key.",
      );
    found.push(
      ...elements(text, "Key")
        .map((key) => decodeURIComponent(key.replaceAll("+", "%20")))
        .filter((key) => shape.test(key)),
    );
    if (found.length > OBJECTS_MAX)
      throw new SourceError(
        "object_list",
        `More than ${OBJECTS_MAX} objects match ${pattern}. Make the pattern narrower.`,
      );
    token = elements(text, "IsTruncated")[0] === "true" ? (elements(text, "NextContinuationToken")[0] ?? null) : null;
  } while (token !== null);
  if (found.length === 0)
    throw new SourceError("object_missing", `No object matches ${pattern}. Look whether the key is right.`);
  return found.toSorted();
}

/** What stands in the elements of this name, which hold text only. */
function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text]) => unescaped(text ?? ""));
}

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll("&amp;", "&");
}

function errorText(xml: string): string {
  return excerpt([...elements(xml, "Code"), ...elements(xml, "Message")].join(": "));
}

function refusal(status: number, reason: string, pattern: string): SourceError {
  const said = reason === "" ? `status ${status}` : `${status} (${reason})`;
  if (status === 404)
    return new SourceError(
      "object_missing",
      `The store has no object ${pattern}: ${said}. Look whether the bucket and the key are right.`,
    );
  if (status === 401 || status === 403)
    return new SourceError(
      "object_refused",
      `The store does not let the connection read ${pattern}: ${said}. Look at its access key and what that may do.`,
    );
  const isPassing = status >= 500 || status === 429;
  return new SourceError(
    "object_status",
    `The store answers with ${said}. ${isPassing ? "Try again later." : "Look at the endpoint of the connection."}`,
    isPassing,
  );
}
