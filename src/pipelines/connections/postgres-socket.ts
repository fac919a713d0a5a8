import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { connect } from "cloudflare:sockets";
import { refuseOther } from "./other-server.ts";

export interface PostgresServer {
  host: string;
  port: number;
  tls: boolean;
}

// SSLRequest, and the byte that agrees: https://www.postgresql.org/docs/current/protocol-message-formats.html
const TLS_REQUEST = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47);
const AGREED = "S".charCodeAt(0);

/**
 * A connection to a server, as the driver wants its sockets: writes wait until it is open, and encrypted where `tls` asks for that (the
 * runtime checks certificate and name). The driver's own leaves rejected promises to nobody when a connection ends, and writes into
 * nothing.
 *
 * A connection that is lost says so by `onLost`, tells each write with `error`, and is `close`d only by the driver, which therefore never
 * opens a second one: the statements of a session all go to one transaction or fail.
 */
export class PostgresSocket extends EventEmitter {
  readyState: "open" | "closed" = "open";
  #socket: Socket;
  readonly #writer: Promise<WritableStreamDefaultWriter<Uint8Array>>;
  #isOpen = false;
  #isEnding = false;
  #lost: unknown = null;
  readonly #onLost: (error: unknown) => void;

  constructor({ host, port, tls }: PostgresServer, onLost: (error: unknown) => void = () => undefined) {
    super();
    this.#onLost = onLost;
    this.#socket = connect(
      { hostname: host, port },
      { secureTransport: tls ? "starttls" : "off", allowHalfOpen: false },
    );
    this.#writer = this.#open(tls);
    void this.#read();
  }

  /** Takes the bytes as they are now; `written` is called when they are on their way. */
  write(bytes: Uint8Array, written?: () => void): boolean {
    void this.#write(bytes, written);
    return true;
  }

  /** Writes `last` where the connection is open, and ends it. */
  end(last?: Uint8Array): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    void this.#end(last);
  }

  destroy(): void {
    this.end();
  }

  async #open(tls: boolean): Promise<WritableStreamDefaultWriter<Uint8Array>> {
    await openedSocket(this.#socket);
    if (tls) this.#socket = await encrypted(this.#socket);
    this.#isOpen = true;
    return this.#socket.writable.getWriter();
  }

  async #read(): Promise<void> {
    try {
      await this.#writer;
      const chunks: ReadableStream<Uint8Array> = this.#socket.readable;
      let isFirst = true;
      for await (const chunk of chunks) {
        if (isFirst) refuseOther(chunk);
        isFirst = false;
        this.emit("data", Buffer.from(chunk));
      }
      throw new Error("The server closed the connection.");
    } catch (error) {
      this.#lose(error);
    }
  }

  async #write(bytes: Uint8Array, written?: () => void): Promise<void> {
    try {
      const writer = await this.#writer;
      if (this.#lost !== null) throw this.#lost;
      await writer.write(bytes);
      written?.();
    } catch (error) {
      this.#lose(error);
    }
  }

  #lose(error: unknown): void {
    this.readyState = "closed";
    // Who ends a connection wants to hear no more of it.
    if (this.#isEnding) return;
    if (this.#lost === null) this.#onLost(error);
    this.#lost ??= error;
    this.emit("error", this.#lost);
  }

  async #end(last?: Uint8Array): Promise<void> {
    if (last && this.#isOpen) await this.#write(last);
    await quietly(this.#socket.close());
    this.readyState = "closed";
    this.emit("close");
  }
}

async function openedSocket(socket: Socket): Promise<void> {
  // Says again what reading and writing say.
  void quietly(socket.closed);
  await socket.opened;
}

async function encrypted(socket: Socket): Promise<Socket> {
  const writer = socket.writable.getWriter();
  const reader: ReadableStreamDefaultReader<Uint8Array> = socket.readable.getReader();
  await writer.write(TLS_REQUEST);
  const { value } = await reader.read();
  if (value?.[0] !== AGREED) {
    if (value && value.length > 1) refuseOther(value);
    throw new Error("The server does not encrypt connections.");
  }
  writer.releaseLock();
  reader.releaseLock();
  const secure = socket.startTls();
  await openedSocket(secure);
  return secure;
}

/** Waits for a promise whose failure somebody else hears of. */
async function quietly(promise: Promise<unknown>): Promise<void> {
  await promise.catch(() => undefined);
}
