/** What a server that is no PostgreSQL has said, or would say: its kind, for people. */
export class OtherServer extends Error {
  override readonly name = "OtherServer";
}

/** Kinds of messages with which PostgreSQL may answer first: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const FIRST_MESSAGES = "RENv";

/** Throws OtherServer where the first bytes of a server are none of PostgreSQL's. */
export function refuseOther(bytes: Uint8Array): void {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 8));
  // A greeting of MySQL: its length in three bytes, number 0, version 10 of the protocol.
  if (bytes[3] === 0 && bytes[4] === 10) throw new OtherServer("a MySQL or MariaDB server");
  if (text.startsWith("HTTP/")) throw new OtherServer("a web server");
  if (text.startsWith("SSH-")) throw new OtherServer("an SSH server");
  if (text !== "" && !FIRST_MESSAGES.includes(text.charAt(0))) throw new OtherServer("another kind of server");
}
