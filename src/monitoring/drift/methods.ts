import type { DistanceMethod, TestMethod } from "./drift-method.ts";
import { chiSquare } from "./methods/chi-square.ts";
import { jensenShannon } from "./methods/jensen-shannon.ts";
import { kolmogorovSmirnovTest } from "./methods/kolmogorov-smirnov.ts";
import { psi } from "./methods/psi.ts";
import { wasserstein } from "./methods/wasserstein.ts";
import { zTestMethod } from "./methods/z-test.ts";

/** Every method by which drift is judged, in the order in which pages and the API list them. */
export const METHODS = {
  [psi.id]: psi,
  [jensenShannon.id]: jensenShannon,
  [wasserstein.id]: wasserstein,
  [kolmogorovSmirnovTest.id]: kolmogorovSmirnovTest,
  [chiSquare.id]: chiSquare,
  [zTestMethod.id]: zTestMethod,
} satisfies Record<string, DistanceMethod | TestMethod>;

export type DriftMethodId = keyof typeof METHODS;
export type DriftMethod = (typeof METHODS)[DriftMethodId];

export const DRIFT_METHODS: DriftMethodId[] = Object.values(METHODS).map(({ id }) => id);
