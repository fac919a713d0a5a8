import { type KnownValue, UNKNOWN } from "./known-value.ts";

/** The values that a graph sees: its own, and those of the graphs around it. */
export class Scope {
  readonly #own = new Map<string, KnownValue>();
  readonly #outer: Scope | null;

  constructor(outer: Scope | null) {
    this.#outer = outer;
  }

  set(name: string, value: KnownValue): void {
    this.#own.set(name, value);
  }

  get(name: string): KnownValue {
    return this.#own.get(name) ?? this.#outer?.get(name) ?? UNKNOWN;
  }
}
