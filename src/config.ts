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
} as const;

/**
 * Memory that the models of one isolate may hold together. An isolate has 128 MB; what is left is for
 * the batches, the records and the Worker's own code.
 */
export const HEAP_BUDGET_BYTES = 100_000_000;

/** What is settled per installation, parsed once from the environment. */
export interface Config {
  /** Needed to create the first user; null when the installation takes none. */
  setupToken: string | null;
  /** Durable Objects that share the calls of one deployment version in one region. */
  hostShards: number;
}

/** Reads the installation's settings; throws on one that makes no sense, so that a typing error is seen at once. */
export function readConfig(env: Pick<Env, "SETUP_TOKEN" | "HOST_SHARDS">): Config {
  const hostShards = Number(env.HOST_SHARDS ?? "1");
  if (!Number.isInteger(hostShards) || hostShards < 1 || hostShards > 64) {
    throw new Error("HOST_SHARDS must be a whole number from 1 to 64");
  }
  return { setupToken: env.SETUP_TOKEN ? env.SETUP_TOKEN : null, hostShards };
}
