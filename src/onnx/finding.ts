export type FindingLevel = "info" | "repaired" | "warning" | "error";

/** One line of a model's report: what was found, what was done, what to do about it. */
export interface Finding {
  level: FindingLevel;
  code: string;
  message: string;
}
