import { z } from "zod";
import { nameInput } from "../../access/account-input.ts";
import type { ConnectionKind } from "./connection-kinds.ts";

const TEXT_LENGTH_MAX = 500;
const SECRET_LENGTH_MAX = 4_000;

function text(message: string) {
  return z.string(message).trim().min(1, message).max(TEXT_LENGTH_MAX, `At most ${TEXT_LENGTH_MAX} characters.`);
}

function secretText(message: string) {
  return z.string(message).max(SECRET_LENGTH_MAX, `At most ${SECRET_LENGTH_MAX} characters.`);
}

const SIGNING_KEY_LENGTH_MIN = 16;
const SIGNING_KEY_SIGNS_MIN = 6;
const WEAK = `A signing key needs at least ${SIGNING_KEY_LENGTH_MIN} characters, ${SIGNING_KEY_SIGNS_MIN} of them different, so that nobody guesses it. Make one with: openssl rand -hex 32`;

function isWeak(key: string): boolean {
  return key.length < SIGNING_KEY_LENGTH_MIN || new Set(key).size < SIGNING_KEY_SIGNS_MIN;
}

function databaseSettings(defaultPort: number) {
  return z.object({
    host: text("Give the host, such as db.example.org."),
    port: z
      .number("port must be a number.")
      .int("port must be a whole number.")
      .min(1, "port must be from 1 to 65535.")
      .max(65_535, "port must be from 1 to 65535.")
      .default(defaultPort),
    database: text("Give the name of the database."),
    user: text("Give the user to sign in as."),
    tls: z
      .boolean("tls must be true or false.")
      .default(true)
      .describe("Encrypted, with a checked certificate. Default: true"),
  });
}

const password = z.object({ password: secretText("Give the password; it may be empty.") });

const s3Settings = z.object({
  endpoint: text("Give the endpoint, such as https://s3.eu-west-3.amazonaws.com."),
  region: text("Give the region. For R2: auto."),
  bucket: text("Give the name of the bucket."),
  access_key_id: text("Give the id of the access key."),
});

const s3Secret = z.object({
  secret_access_key: secretText("Give the secret access key.").min(1, "Give the secret access key."),
});
const httpSettings = z.object({ url: z.string("Give the URL.").trim().min(1, "Give the URL.") });
const storedHttpSecret = z.object({ signing_key: secretText("Give the signing key.").min(1, "Give the signing key.") });
const httpSecret = z.object({ signing_key: secretText("Give the signing key.").refine((key) => !isWeak(key), WEAK) });

const postgresSettings = databaseSettings(5_432);
const mysqlSettings = databaseSettings(3_306);

const postgres = z.object({ kind: z.literal("postgres"), settings: postgresSettings, secret: password });
const mysql = z.object({ kind: z.literal("mysql"), settings: mysqlSettings, secret: password });
const s3 = z.object({ kind: z.literal("s3"), settings: s3Settings, secret: s3Secret });
const http = z.object({ kind: z.literal("http"), settings: httpSettings, secret: storedHttpSecret });
const newHttp = http.extend({ secret: httpSecret });

/** Settings and secret of a connection, once they are read back from the store. */
export const storedConnection = z.discriminatedUnion("kind", [postgres, mysql, s3, http]);

const named = { name: nameInput };

/** What a connection is made of, by its kind. */
export const connectionInput = z.discriminatedUnion(
  "kind",
  [postgres.extend(named), mysql.extend(named), s3.extend(named), newHttp.extend(named)],
  "kind must be one of postgres, mysql, s3, http.",
);

/** The same, by kind, for what is changed. */
export const CONNECTION_INPUTS = { postgres, mysql, s3, http: newHttp } as const satisfies Record<
  ConnectionKind,
  z.ZodObject
>;

export type ConnectionInput = z.output<typeof connectionInput>;
export type DatabaseSettings = z.output<typeof postgresSettings>;
export type S3Settings = z.output<typeof s3Settings>;

/** A connection with its secret in the clear: made by `openConnection`, for as long as it is used, and never kept, logged or answered. */
export type OpenedConnection = z.output<typeof storedConnection> & { id: string };
export type OpenedDatabase = Extract<OpenedConnection, { kind: "postgres" | "mysql" }>;
export type OpenedS3 = Extract<OpenedConnection, { kind: "s3" }>;
export type OpenedHttp = Extract<OpenedConnection, { kind: "http" }>;
