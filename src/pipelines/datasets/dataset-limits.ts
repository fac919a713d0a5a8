export const DATASET_BYTES_MAX = 5_000_000_000;
/** Of one request, which is as much as the platform takes. */
export const BODY_BYTES_MAX = 100_000_000;
/** R2 takes no smaller part, but as the last one. */
export const PART_BYTES_MIN = 5_242_880;
export const PARTS_MAX = 1_000;
