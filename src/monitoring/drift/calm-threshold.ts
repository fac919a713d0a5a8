const WINDOWS_MIN = 6;
const SIGMAS = 3;

/**
 * The second threshold of a column: mean + 3 standard deviations (divided by n) of its statistic in the complete windows that raised no
 * alarm, as NannyML has it; null for fewer than six. The caller leaves out windows that alarmed, else drift would raise it.
 */
export function calmThreshold(statistics: readonly number[]): number | null {
  const count = statistics.length;
  if (count < WINDOWS_MIN) return null;
  const mean = statistics.reduce((sum, value) => sum + value, 0) / count;
  const variance = statistics.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  return mean + SIGMAS * Math.sqrt(variance);
}
