import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export const SIGNING_KEY = "signing key of the receiver";

/** Takes signed parts over HTTP as a careful receiver does: one it has had under the same key must be the same, and counts once. */
export class Receiver {
  readonly problems: string[] = [];
  readonly #parts = new Map<string, { run: string; rows: number; sha256: string }>();
  readonly #server: Server = createServer((request, response) => {
    void this.#take(request).then((status) => response.writeHead(status).end());
  });

  /** Answers the address. */
  async start(): Promise<string> {
    await new Promise<void>((listening) => this.#server.listen(0, "127.0.0.1", listening));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/predictions`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  rowsOf(run: string): number {
    return [...this.#parts.values()].filter((part) => part.run === run).reduce((sum, part) => sum + part.rows, 0);
  }

  async #take(request: IncomingMessage): Promise<number> {
    const header = (name: string): string => String(request.headers[name] ?? "");
    let body: string;
    try {
      body = await text(request);
    } catch {
      // The sender was killed in the middle of it: a receiver has nothing then.
      return 400;
    }
    if (body.length === 0 || !body.endsWith("\n")) return 400;
    const signed = createHmac("sha256", SIGNING_KEY)
      .update(`${header("x-tiltyard-timestamp")}.${body}`)
      .digest("hex");
    const key = header("idempotency-key");
    if (header("x-tiltyard-signature") !== `sha256=${signed}`) this.problems.push(`${key} is not signed by the key`);
    const sha256 = createHash("sha256").update(body).digest("hex");
    const before = this.#parts.get(key);
    if (before && before.sha256 !== sha256) this.problems.push(`${key} came twice and was not the same`);
    const rows = body.trimEnd().split("\n").length;
    if (String(rows) !== header("x-tiltyard-rows")) this.problems.push(`${key} has ${rows} rows`);
    this.#parts.set(key, { run: header("x-tiltyard-run"), rows, sha256 });
    return 200;
  }
}
