import type { Case } from "./cases.ts";
import type { Visitor } from "./visitor.ts";

/** One person's way through the product, and what they keep from one step for a later one. */
export interface Journey {
  visitor: Visitor;
  case: Case;
  url: string;
  setupToken: string;
  /** Of the deployment, once it is made. */
  apiKey: string;
}

/** Sentences about what a person can do, in the order in which they do it. */
export type Steps = Record<string, (journey: Journey) => Promise<void>>;

export const PERSON = { name: "Ada", email: "ada@tiltyard.test", password: "a password of some length" };
