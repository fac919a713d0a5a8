import type { CONNECTION_KINDS } from "../schema.ts";

export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

/** Sources whose rows come by a connection. */
export type Reading = "query" | "object";

const SERVER = ["host", "port", "tls"] as const;

interface ConnectionFacts {
  label: string;
  reads: Reading | null;
  receives: string;
  address: string;
  secretGoesTo: readonly string[];
}

/**
 * All that is different between kinds of connections and is not their code: how people call them, the source that they read for (null:
 * they deliver only), what they receive, the setting that says where they lead, and those that say to whom the secret itself is sent.
 */
export const CONNECTION_FACTS = {
  postgres: { label: "PostgreSQL", reads: "query", receives: "table", address: "host", secretGoesTo: SERVER },
  mysql: { label: "MySQL", reads: "query", receives: "table", address: "host", secretGoesTo: SERVER },
  s3: { label: "S3", reads: "object", receives: "object", address: "endpoint", secretGoesTo: [] },
  http: { label: "HTTP", reads: null, receives: "message", address: "url", secretGoesTo: [] },
} as const satisfies Record<ConnectionKind, ConnectionFacts>;

/** What a source of each kind needs, to stand after "needs a". */
export const READ_FROM: Record<Reading, string> = { query: "database", object: "store" };

/** Whether a connection reads for a source of that kind. */
export function readsFor<What extends Reading, Connection extends { kind: ConnectionKind }>(
  connection: Connection,
  what: What,
): connection is Extract<
  Connection,
  {
    kind: {
      [Kind in ConnectionKind]: (typeof CONNECTION_FACTS)[Kind]["reads"] extends What ? Kind : never;
    }[ConnectionKind];
  }
> {
  return CONNECTION_FACTS[connection.kind].reads === what;
}
