import type { ResultColumn } from "../../inference/batch/run-result.ts";

/** What a source declares of a column; of a decimal without `precision` its cells say how many digits it has. */
export type SourceType = Pick<ResultColumn, "type" | "precision" | "scale">;
