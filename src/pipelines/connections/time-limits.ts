/** How long a server outside may keep us waiting. */
export interface TimeLimits {
  connectMs: number;
  statementMs: number;
}

export const TIME_LIMITS: TimeLimits = { connectMs: 5_000, statementMs: 60_000 };

/** Breaks off a call while nothing comes or goes for so long. */
export class Silence {
  readonly #controller = new AbortController();
  readonly #limitMs: number;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.begin();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    this.end();
    this.#timer = setTimeout(() => this.#controller.abort(new DOMException("silence", "TimeoutError")), this.#limitMs);
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
