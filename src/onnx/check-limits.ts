/** What a model may ask for. Counts and bytes are inclusive upper bounds. */
export interface CheckLimits {
  /** Bytes of any one tensor whose size the file fixes. */
  tensorBytesMax: number;
  /** Bytes of all tensors together that the engine computes when the model loads. */
  constantBytesMax: number;
  /** Rounds of a Loop; of nested ones, multiplied. */
  loopRoundsMax: number;
  inputsMax: number;
  /** Nodes after model-local functions are written out at each call. */
  nodesMax: number;
}

const MIB = 1024 * 1024;

// An isolate has 128 MiB for the engine, the model and what it computes.
export const DEFAULT_LIMITS: CheckLimits = {
  tensorBytesMax: 64 * MIB,
  constantBytesMax: 128 * MIB,
  loopRoundsMax: 10_000,
  // The columns of a table that may be served.
  inputsMax: 4096,
  nodesMax: 100_000,
};
