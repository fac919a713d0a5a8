let runs = false;

/**
 * Whether the clock moves while a model runs: on one's own machine it does, on Cloudflare it stands still until the next I/O, so that a
 * duration is known only behind a pause. Told of each run, because one that took no time by the clock proves nothing.
 */
export function clockRuns(startedAtMs: number, endedAtMs: number): boolean {
  if (endedAtMs > startedAtMs) runs = true;
  return runs;
}
