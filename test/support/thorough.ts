import { describe, inject } from "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** THOROUGH=1: long loops run whole. vitest.config.ts puts it here. */
    thorough: boolean;
  }
}

/** Whether THOROUGH=1 was set. */
export const isThorough = inject("thorough");

/** How often a long loop runs: `whole` with THOROUGH=1, as CI does, else `short`. */
export function rounds(whole: number, short: number): number {
  return isThorough ? whole : short;
}

/** Tests that mean nothing when they are shortened: they run with THOROUGH=1, and are skipped otherwise. */
export const describeThorough = describe.skipIf(!isThorough);
