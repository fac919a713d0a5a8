/** Operators that answer differently each time, whatever is fed. */
export const NONDETERMINISTIC: ReadonlySet<string> = new Set([
  "Bernoulli",
  "Multinomial",
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
  "Sampling",
]);

/** Operators that generate text word by word: loops of their own whose rounds the caller's input decides. */
export const GENERATORS: ReadonlySet<string> = new Set(["BeamSearch", "GreedySearch", "Sampling", "WhisperBeamSearch"]);
