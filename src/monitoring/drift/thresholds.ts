/** Fewer rows than these are judged by nobody: almost any shape would do. */
export const DRIFT_ROWS_MIN = 100;
/** A change with a p-value below it (after correction) is beyond chance. */
export const P_VALUE_MAX = 0.05;
/** Cohen's h of a share from which a change is minor, and drift: 50 % to 55 %, and to 60 %. */
export const SHARE_THRESHOLDS = { minor: 0.1, drift: 0.2 } as const;
/** Fewer rows than these drift in no share: one caller is no share of rows. */
export const SHARE_ROWS_MIN = 5;

/** Evidently's thresholds: one for distances, one for p-values. */
export const EVIDENTLY = { distance: 0.1, pValue: 0.05 } as const;
