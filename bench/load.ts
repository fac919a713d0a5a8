import { connect, type Socket } from "node:net";
import { quantile } from "./figures.ts";

/** The one message to the load process. */
export interface LoadOrder {
  url: string;
  headers: Record<string, string>;
  /** Sent in turn. */
  bodies: string[];
  connections: number;
  seconds: number;
}

/** What it answers. */
export interface LoadResult {
  requests: number;
  requestsPerSecond: number;
  latencyMsP50: number;
  latencyMsP99: number;
  /** Answers that were not 200, with the first of them. */
  failures: number;
  firstFailure: string | null;
}

/**
 * The load is a separate process that does as little as possible, on plain sockets: client and server share the machine,
 * and the server lacks what the client takes. Each connection sends its next call when it has its answer.
 */
process.on("message", (order: LoadOrder) => {
  void runLoad(order).then((result) => process.send?.(result, () => process.disconnect?.()));
});

async function runLoad(order: LoadOrder): Promise<LoadResult> {
  const { hostname, port } = new URL(order.url);
  const requests = order.bodies.map((body) => requestBytes(order, body));
  const latenciesMs: number[] = [];
  const failed: string[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + order.seconds * 1_000;
  const connections = Array.from({ length: order.connections }, async (_, index) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    for (let turn = index; performance.now() < endMs; turn += order.connections) {
      const request = requests[turn % requests.length];
      if (!request) throw new Error("there is no body to send");
      const sentMs = performance.now();
      const answer = await exchange(socket, request);
      latenciesMs.push(performance.now() - sentMs);
      if (!answer.startsWith("HTTP/1.1 200")) failed.push(answer.slice(0, 600));
    }
    socket.end();
  });
  await Promise.all(connections);
  const seconds = (performance.now() - startedMs) / 1_000;
  return {
    requests: latenciesMs.length,
    requestsPerSecond: latenciesMs.length / seconds,
    latencyMsP50: quantile(latenciesMs, 0.5),
    latencyMsP99: quantile(latenciesMs, 0.99),
    failures: failed.length,
    firstFailure: failed[0] ?? null,
  };
}

function requestBytes({ url, headers }: LoadOrder, body: string): Buffer {
  const { host, pathname } = new URL(url);
  const bytes = Buffer.from(body);
  const lines = Object.entries({
    host,
    ...headers,
    "content-type": "application/json",
    "content-length": String(bytes.length),
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`POST ${pathname} HTTP/1.1\r\n${head}\r\n`), bytes]);
}

/** Sends one request and reads its whole answer, which must have a Content-Length. */
function exchange(socket: Socket, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    let wanted = Number.POSITIVE_INFINITY;
    const stop = (): void => {
      socket.off("data", onData);
      socket.off("error", onEnd);
      socket.off("close", onEnd);
    };
    const onEnd = (): void => {
      stop();
      reject(new Error(`the connection ended within an answer: ${received.slice(0, 300)}`));
    };
    const onData = (chunk: Buffer): void => {
      // latin1 has one character for each byte, so that lengths can be compared.
      received += chunk.toString("latin1");
      if (wanted === Number.POSITIVE_INFINITY) wanted = lengthOf(received);
      if (received.length < wanted) return;
      stop();
      resolve(received);
    };
    socket.on("data", onData);
    socket.on("error", onEnd);
    socket.on("close", onEnd);
    socket.write(request);
  });
}

function lengthOf(received: string): number {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return Number.POSITIVE_INFINITY;
  const match = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, headEnd));
  if (!match) throw new Error(`an answer does not say how long it is: ${received.slice(0, headEnd)}`);
  return headEnd + 4 + Number(match[1]);
}
