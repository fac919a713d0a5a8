import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Connection } from "mysql2";

/** The parts of the driver's connection that take part in going over to TLS; they are not in its types. */
interface Upgrading {
  stream: Socket;
  packetParser: { execute(data: Uint8Array): void };
  startTLS(onSecure: (error?: Error) => void): void;
  _handleNetworkError(error: Error): void;
}

/**
 * Lets a new connection go over to TLS by what the runtime has: the driver's own way asks for an option that Workers lack. The runtime
 * checks the certificate, its authority and its name, and has no way to leave that out.
 */
export function upgradeByRuntime(connection: Connection, host: string): void {
  const upgrading = internals(connection);
  upgrading.startTLS = (onSecure) => {
    let isSecure = false;
    const plain = upgrading.stream;
    plain.removeAllListeners("data");
    const secure = connectTls({ socket: plain, servername: host }, () => {
      isSecure = true;
      onSecure();
    });
    secure.on("error", (error: Error) => {
      if (isSecure) upgrading._handleNetworkError(error);
      else onSecure(error);
    });
    secure.on("data", (data: Uint8Array) => upgrading.packetParser.execute(data));
    upgrading.stream = secure;
  };
}

/** The driver is pinned to one version, in which each connection has these parts: look here before another one is taken. */
function internals(connection: Connection): Upgrading {
  return connection as unknown as Upgrading;
}
