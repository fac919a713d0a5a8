/** How long a server outside may keep us waiting. */
export interface TimeLimits {
  connectMs: number;
  statementMs: number;
}

export const TIME_LIMITS: TimeLimits = { connectMs: 5_000, statementMs: 60_000 };
