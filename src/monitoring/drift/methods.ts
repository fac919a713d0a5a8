import type { DriftMethod as AnyMethod } from "./drift-method.ts";
import { chiSquare } from "./methods/chi-square.ts";
import { cohensHMethod, totalVariationMethod } from "./methods/cohens-h.ts";
import { jensenShannon } from "./methods/jensen-shannon.ts";
import { kolmogorovSmirnovMethod } from "./methods/kolmogorov-smirnov.ts";
import { psi } from "./methods/psi.ts";
import { plainWasserstein, wasserstein } from "./methods/wasserstein.ts";
import { zTestMethod } from "./methods/z-test.ts";

/** Every method by which drift is measured, in the order in which pages and the API list them. */
export const METHODS = {
  [wasserstein.id]: wasserstein,
  [cohensHMethod.id]: cohensHMethod,
  [totalVariationMethod.id]: totalVariationMethod,
  [psi.id]: psi,
  [jensenShannon.id]: jensenShannon,
  [plainWasserstein.id]: plainWasserstein,
  [kolmogorovSmirnovMethod.id]: kolmogorovSmirnovMethod,
  [chiSquare.id]: chiSquare,
  [zTestMethod.id]: zTestMethod,
} satisfies Record<string, AnyMethod>;

export type DriftMethodId = keyof typeof METHODS;
export type DriftMethod = (typeof METHODS)[DriftMethodId];

export const DRIFT_METHODS: DriftMethodId[] = Object.values(METHODS).map(({ id }) => id);
