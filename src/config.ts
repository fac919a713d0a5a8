/** Limits that the contract names. Past one of them the answer is 413 or 422 and says which. */
export const LIMITS = {
  nameLengthMax: 120,
  descriptionLengthMax: 2_000,
  jsonBytesMax: 8_000_000,
  jsonDepthMax: 32,
  rowsPerCallMax: 1_000,
  columnsMax: 4_096,
  monitoredColumnsMax: 500,
  cellBytesMax: 64_000,
  uploadBytesMax: 25_000_000,
  modelBytesMax: 25_000_000,
  idempotencyKeyLengthMax: 255,
  listItemsDefault: 50,
  listItemsMax: 500,
  alertsPerDeploymentMax: 20,
} as const;

/**
 * Memory that the models of one isolate may hold together. An isolate has 128 MB; what is left is for
 * the batches, the records and the Worker's own code.
 */
export const HEAP_BUDGET_BYTES = 100_000_000;

/** The most that a record may take, bytes, alone or as a segment of many: well under the 2 MB that a row of storage may have. */
export const RECORD_BYTES_MAX = 1_000_000;

/** What is settled per installation, parsed once from the environment. */
export interface Config {
  /** Needed to create the first user; null when the installation takes none. */
  setupToken: string | null;
  /** Durable Objects that share the calls of one deployment version in one region. */
  hostShards: number;
  /** Durable Objects that share the ranges of one batch run. */
  batchShards: number;
  /** Days that hosts keep records for lists and charts; then they are in R2 only. */
  recordsKeptDays: number;
}

/** What a provider of e-mail needs to be told with each message. */
export interface EmailSettings {
  apiUrl: string;
  apiKey: string;
  from: string;
}

/** Reads the installation's settings; throws on one that makes no sense, so that a typing error is seen at once. */
export function readConfig(
  env: Pick<Env, "SETUP_TOKEN" | "HOST_SHARDS" | "BATCH_SHARDS" | "RECORDS_KEPT_DAYS">,
): Config {
  const hostShards = Number(env.HOST_SHARDS ?? "1");
  if (!Number.isInteger(hostShards) || hostShards < 1 || hostShards > 64) {
    throw new Error("HOST_SHARDS must be a whole number from 1 to 64");
  }
  const batchShards = Number(env.BATCH_SHARDS ?? "4");
  if (!Number.isInteger(batchShards) || batchShards < 1 || batchShards > 64) {
    throw new Error("BATCH_SHARDS must be a whole number from 1 to 64");
  }
  const recordsKeptDays = Number(env.RECORDS_KEPT_DAYS ?? "90");
  if (!Number.isInteger(recordsKeptDays) || recordsKeptDays < 1) {
    throw new Error("RECORDS_KEPT_DAYS must be a whole number of days, 1 or more");
  }
  return { setupToken: env.SETUP_TOKEN ? env.SETUP_TOKEN : null, hostShards, batchShards, recordsKeptDays };
}

/** Whether addresses that users name may lead into private networks; link-local ones never are called. */
export function allowsPrivateNetwork(env: Pick<Env, "ALLOW_PRIVATE_NETWORK">): boolean {
  return env.ALLOW_PRIVATE_NETWORK === "1";
}

const SEALING_KEY_LENGTH_MIN = 32;

/** The secret with which stored credentials are sealed; throws where it is too short to be one, before anything is stored. */
export function sealingKey(env: Pick<Env, "SEALING_KEY">): string {
  const key = env.SEALING_KEY ?? "";
  if (key.length < SEALING_KEY_LENGTH_MIN)
    throw new Error(`SEALING_KEY must have ${SEALING_KEY_LENGTH_MIN} random characters or more`);
  return key;
}

/** How e-mail is sent; null where the operator has not set all of it. */
export function emailSettings(env: Pick<Env, "EMAIL_API_URL" | "EMAIL_API_KEY" | "EMAIL_FROM">): EmailSettings | null {
  const { EMAIL_API_URL: apiUrl, EMAIL_API_KEY: apiKey, EMAIL_FROM: from } = env;
  return apiUrl && apiKey && from ? { apiUrl, apiKey, from } : null;
}
