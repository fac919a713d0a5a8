/** What a look at a deployment found. */
export interface Measured {
  /** In the unit of the threshold; null where there is too little to measure it by. */
  value: number | null;
  /** The same in a sentence, with n. */
  detail: string;
  /** True where something that would count could not be asked for: then it may be worse than it seems. */
  isPartial?: boolean;
}

/** Of a measure that needs more rows or calls than there are. */
export function tooFew(n: number, needed: number, what: string): Measured {
  return { value: null, detail: `Not enough data: ${n}/${needed} ${what}.` };
}
