import { fetchInstance, ORIGIN } from "../support/instance.ts";
import type { Credential, Ids } from "./world.ts";

/** What a request carries: JSON, the fields of a form, or the parts of an upload with files by name. */
export type Payload =
  | { json: unknown }
  | { form: Record<string, string> }
  | { upload: Record<string, string | { fileName: string; content: string | Uint8Array }> };

const SEGMENT_KINDS: Record<string, keyof Ids> = {
  projects: "project",
  deployments: "deployment",
  f: "deployment",
  docs: "deployment",
  experiments: "experiment",
  models: "model",
  keys: "key",
  alerts: "alert",
  connections: "connection",
  datasets: "dataset",
  uploads: "upload",
  pipelines: "pipeline",
  runs: "run",
  predictions: "prediction",
  users: "user",
  members: "user",
  tokens: "token",
  invitations: "invitation",
};

/** `/api/v1/experiments/:id/versions/:n` with the ids put in: what a parameter names is told by the segment before it. */
export function addressOf(pattern: string, ids: Ids): string {
  const segments = pattern.split("/");
  return segments.map((segment, index) => valueOf(segment, segments[index - 1] ?? "", pattern, ids)).join("/");
}

function valueOf(segment: string, before: string, pattern: string, ids: Ids): string {
  if (segment === "*" && before === "static") return "app.css";
  if (!segment.startsWith(":")) return segment;
  if (before === "versions" || before === "parts") return "1";
  // The Open Inference Protocol calls a deployment a model.
  const kind = pattern.startsWith("/v2/") && before === "models" ? "deployment" : SEGMENT_KINDS[before];
  if (kind === undefined) throw new Error(`What is ${segment} of ${pattern}?`);
  return ids[kind];
}

/** Pages are asked for as a browser does; the API and the inference protocol answer programs. */
export function isPage(path: string): boolean {
  return !path.startsWith("/api/") && !path.startsWith("/v2");
}

/** Sends the request from our own origin, so that nothing but the right of the caller decides. */
export function send(method: string, path: string, credential: Credential, payload?: Payload): Promise<Response> {
  const headers = new Headers({ origin: ORIGIN, "sec-fetch-site": "same-origin" });
  headers.set("accept", isPage(path) ? "text/html" : "application/json");
  if (credential && "token" in credential) headers.set("authorization", `Bearer ${credential.token}`);
  if (credential && "cookie" in credential) headers.set("cookie", credential.cookie);
  const body = bodyOf(payload);
  if (typeof body === "string") headers.set("content-type", "application/json");
  return fetchInstance(path, { method, headers, ...(body !== undefined && { body }) });
}

/** The body as fetch takes it; what is text is JSON. */
export function bodyOf(payload: Payload | undefined): string | URLSearchParams | FormData | undefined {
  if (payload === undefined) return undefined;
  if ("json" in payload) return JSON.stringify(payload.json);
  if ("form" in payload) return new URLSearchParams(payload.form);
  const body = new FormData();
  for (const [name, part] of Object.entries(payload.upload)) {
    if (typeof part === "string") body.append(name, part);
    else body.append(name, new Blob([bytesOf(part.content)]), part.fileName);
  }
  return body;
}

function bytesOf(content: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(typeof content === "string" ? new TextEncoder().encode(content) : content);
}
