import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";

const ACCOUNT = "account-of-the-tests";

interface Uploaded {
  bindings: { name: string; type: string; text?: string }[];
  secrets: Map<string, string>;
}

/** What a test makes the API do. */
export interface Faults {
  /** Refuses calls whose "METHOD /path" matches with 403. */
  forbids?: RegExp;
  /** Breaks the connection of each call that matches. */
  cutsAt?: RegExp;
}

/**
 * Cloudflare's API as far as a deploy needs it, and the uploaded Worker's /health at the same address. It keeps databases in real SQLite.
 * A call that it does not know is refused and noted in `unknown`.
 */
export class FakeCloudflare {
  readonly calls: string[] = [];
  readonly unknown: string[] = [];
  readonly databases = new Map<string, { uuid: string; sqlite: DatabaseSync }>();
  readonly buckets = new Set<string>();
  readonly workers = new Map<string, Uploaded>();
  readonly workflows = new Set<string>();
  faults: Faults = {};
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeCloudflare> {
    const server = createServer();
    const fake = new FakeCloudflare(server);
    server.on("request", (request, response) => void fake.#answer(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return fake;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a deploy needs to talk to this API and to nothing else. */
  get environment(): Record<string, string> {
    return {
      CLOUDFLARE_API_TOKEN: "token-of-the-tests",
      CLOUDFLARE_API_BASE_URL: `${this.origin}/client/v4`,
      ORIGIN: this.origin,
    };
  }

  /** Tables of a database, without those that migrations are noted in. */
  tables(name: string): string[] {
    const rows =
      this.databases.get(name)?.sqlite.prepare("select name from sqlite_master where type = 'table'").all() ?? [];
    return rows.map((row) => String(row["name"])).filter((table) => !/^(sqlite|d1)_/.test(table));
  }

  /** An empty database, as an earlier deploy made it. */
  addDatabase(name: string): DatabaseSync {
    const sqlite = new DatabaseSync(":memory:");
    this.databases.set(name, { uuid: `uuid-of-${name}`, sqlite });
    return sqlite;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", this.origin);
    const path = url.pathname.replace("/client/v4", "");
    const call = `${request.method} ${path}`;
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (path === "/health") {
      // The one that was uploaded last.
      const worker = [...this.workers.values()].at(-1);
      const build = worker?.bindings.find(({ name }) => name === "BUILD")?.text;
      return build === undefined ? json(404, {}) : json(200, { status: "ok", version: "0.0.0", build });
    }
    this.calls.push(call);
    if (this.faults.cutsAt?.test(call)) {
      request.socket.destroy();
      return;
    }
    const refuse = (status: number, code: number, message: string): void =>
      json(status, { success: false, errors: [{ code, message }], messages: [], result: null });
    if (this.faults.forbids?.test(call)) return refuse(403, 10_000, "Authentication error");
    try {
      const result = this.#result(call, url, Buffer.concat(chunks), request.headers["content-type"] ?? "");
      if (result === undefined) {
        this.unknown.push(call);
        return refuse(501, 1, `The fake does not know ${call}.`);
      }
      if (result === null) return refuse(404, codeOf(path), "not found");
      return json(200, { success: true, errors: [], messages: [], result });
    } catch (error) {
      return refuse(400, 7_500, String(error));
    }
  }

  /** Undefined: no such call; null: nothing there. */
  #result(call: string, url: URL, body: Buffer, type: string): unknown {
    const read = (): Record<string, string> => JSON.parse(body.toString()) as Record<string, string>;
    const base = `/accounts/${ACCOUNT}`;
    if (call === "GET /accounts") return [{ id: ACCOUNT, name: "Tests" }];
    if (call === `GET ${base}/workers/subdomain`) return { subdomain: "tests" };
    const [, , , area, ...rest] = call.split(" ")[1]?.split("/") ?? [];
    const method = call.split(" ")[0];
    if (area === "d1" && rest[0] === "database") return this.#d1(method ?? "", rest[1], rest[2], url, read);
    if (area === "r2" && rest[0] === "buckets") {
      if (method === "POST") this.buckets.add(read()["name"] ?? "");
      const name = rest[1] ?? read()["name"] ?? "";
      return this.buckets.has(name) ? { name } : null;
    }
    if (area === "workflows" && rest[0] !== undefined) {
      if (method === "PUT") this.workflows.add(rest[0]);
      return this.workflows.has(rest[0]) ? { id: rest[0], name: rest[0] } : null;
    }
    if (area !== "workers") return undefined;
    const [kind, name = "", part] = rest;
    const worker = this.workers.get(name);
    if (kind === "services")
      return worker
        ? {
            id: name,
            default_environment: { environment: "production", script: { last_deployed_from: "wrangler", tag: "tag" } },
          }
        : null;
    if (kind === "workers")
      return worker ? { id: name, name, subdomain: { enabled: true, previews_enabled: true }, tags: [] } : null;
    if (kind !== "scripts") return undefined;
    if (name === "") return [...this.workers.keys()].map((id) => ({ id }));
    if (part === "assets-upload-session") return { jwt: "jwt", buckets: [] };
    if (part === "schedules" && method === "PUT") return { schedules: [] };
    if (part === undefined && method === "PUT") return this.#upload(name, body, type);
    if (!worker) return null;
    if (part === "settings") return { bindings: worker.bindings, migration_tag: "v2", tags: [] };
    if (part === "secrets") return [...worker.secrets.keys()].map((secret) => ({ name: secret, type: "secret_text" }));
    if (part === "subdomain") return { enabled: true, previews_enabled: true };
    if (part === "deployments") return { deployments: [] };
    if (part === "versions") return { items: [] };
    return undefined;
  }

  #d1(
    method: string,
    id: string | undefined,
    part: string | undefined,
    url: URL,
    read: () => Record<string, string>,
  ): unknown {
    if (id === undefined && method === "POST") {
      const { name = "" } = read();
      if (this.databases.has(name)) throw new Error(`A database called ${name} exists.`);
      this.addDatabase(name);
      return { uuid: `uuid-of-${name}`, name };
    }
    const all = [...this.databases].map(([name, { uuid }]) => ({ uuid, name, version: "production" }));
    if (id === undefined) {
      const wanted = url.searchParams.get("name");
      return all.filter(({ name }) => wanted === null || name.includes(wanted));
    }
    const found = all.find(({ uuid, name }) => uuid === id || name === id);
    const sqlite = found && this.databases.get(found.name)?.sqlite;
    if (!found || !sqlite) return null;
    if (part !== "query") return found;
    const { sql = "" } = read();
    const [statement = "", ...others] = sql.split(";").filter((text) => text.trim() !== "");
    if (others.length === 0 && /^\s*(select|pragma)/i.test(statement))
      return [{ results: sqlite.prepare(statement).all(), success: true, meta: {} }];
    sqlite.exec(sql);
    return [{ results: [], success: true, meta: {} }];
  }

  #upload(name: string, body: Buffer, type: string): unknown {
    const text = body.toString("latin1");
    const boundary = /boundary=(.+)$/.exec(type)?.[1]?.replaceAll('"', "") ?? "";
    const part = text.split(`--${boundary}`).find((one) => one.includes('name="metadata"')) ?? "";
    const metadata = JSON.parse(part.slice(part.indexOf("\r\n\r\n") + 4)) as {
      bindings: { name: string; type: string; text?: string }[];
    };
    const secrets = this.workers.get(name)?.secrets ?? new Map<string, string>();
    for (const binding of metadata.bindings)
      if (binding.type === "secret_text") secrets.set(binding.name, binding.text ?? "");
    this.workers.delete(name);
    this.workers.set(name, { bindings: metadata.bindings.filter((one) => one.type !== "secret_text"), secrets });
    return { id: name, etag: "etag", startup_time_ms: 100, deployment_id: "deployment", pipeline_hash: null };
  }
}

/** The codes by which Wrangler knows that a Workflow or a Worker does not exist. */
function codeOf(path: string): number {
  if (path.includes("/workflows/")) return 10_200;
  return path.includes("/services/") ? 10_090 : 10_007;
}
