import type { Binning, ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { rowsOf, slotOf } from "../../windows/tally.ts";
import type { DriftMethod } from "./methods.ts";
import { compareShares, type Share } from "./proportions.ts";

/** A share of a column that its method does not look at, in the reference and in the window. */
export interface ShareShift {
  of: DriftMethod["blindTo"][number] | "words";
  /** Shares, 0..1. */
  from: number;
  to: number;
  /** Two-sided; of the words one-sided: fewer new words than expected are no drift. */
  pValue: number;
}

/** What a method does not see, and new words of texts. What neither reference nor window has is left out. */
export function shareShifts(
  column: ReferenceColumn,
  current: Tally,
  { blindTo }: Pick<DriftMethod, "blindTo">,
): ShareShift[] {
  const { binning, tally } = column;
  const shifts = blindTo.map((of) => shiftOf(of, SHARES[of](binning, tally), SHARES[of](binning, current)));
  if (binning.kind === "texts") shifts.push(wordShift(column, current));
  return shifts.filter((shift) => shift !== null);
}

const SHARES: Record<Exclude<ShareShift["of"], "words">, (binning: Binning, tally: Tally) => Share> = {
  missing: (binning, tally) => ({ count: slotOf(tally, "missing"), of: rowsOf(binning, tally) }),
  unseen: (binning, tally) => ({ count: slotOf(tally, "unseen"), of: presentRows(binning, tally) }),
  outside: (binning, tally) => ({
    count: slotOf(tally, "below") + slotOf(tally, "above"),
    of: presentRows(binning, tally),
  }),
};

function presentRows(binning: Binning, tally: Tally): number {
  return rowsOf(binning, tally) - slotOf(tally, "missing");
}

function shiftOf(of: ShareShift["of"], reference: Share, current: Share): ShareShift | null {
  if (reference.count === 0 && current.count === 0) return null;
  const result = compareShares(reference, current);
  if (!result) return null;
  return { of, from: reference.count / reference.of, to: current.count / current.of, pValue: result.pValue };
}

/** Words of one text come and go together, so that texts are counted, not words. */
function wordShift(column: ReferenceColumn, current: Tally): ShareShift | null {
  const { binning, tally, unseenWordRate } = column;
  const words = slotOf(current, "words");
  if (words === 0 || unseenWordRate === null) return null;
  const rate = slotOf(current, "unseenWords") / words;
  const texts = (of: Tally, share: number): Share => {
    const present = presentRows(binning, of);
    return { count: Math.round(share * present), of: present };
  };
  const shift = shiftOf("words", texts(tally, unseenWordRate), texts(current, rate));
  if (!shift) return null;
  const isMore = rate > unseenWordRate;
  return { ...shift, from: unseenWordRate, to: rate, pValue: isMore ? shift.pValue / 2 : 1 };
}
