/** "chance alone: p < 0.001". */
export function chanceWords(pValue: number): string {
  return `chance alone: p ${pValue < 0.001 ? "< 0.001" : `= ${short(pValue)}`}`;
}

export function short(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) < 0.0001) return "less than 0.0001";
  return String(Number(value.toPrecision(3)));
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
