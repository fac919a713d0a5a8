/** What one project may have, without those that are deleted. */
export const PIPELINES_PER_PROJECT_MAX = 100;
export const DESTINATIONS_MAX = 10;
/** An upsert by more columns than this is a mistake; databases take 16 (MySQL) or 32 (PostgreSQL) in a key. */
export const KEY_COLUMNS_MAX = 16;
