import type { DriftMethod } from "../drift-report.ts";
import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { rowsOf, slotOf } from "../../windows/tally.ts";
import { compareShares } from "./proportions.ts";
import type { Share } from "./proportions.ts";

/** A share of a column that its method does not look at, in the reference and in the window. */
export interface ShareShift {
  of: "missing" | "unseen" | "outside" | "words";
  /** Shares, 0..1. */
  from: number;
  to: number;
  /** Two-sided; of the words one-sided: fewer new words than expected are no drift. */
  pValue: number;
}

/**
 * What `method` does not see: the missing rows for all that look at values only; unseen categories and numbers out of range for the Z-test;
 * new words for texts. What neither reference nor window has is left out.
 */
export function shareShifts(column: ReferenceColumn, current: Tally, method: DriftMethod): ShareShift[] {
  const { binning, tally } = column;
  const shifts: (ShareShift | null)[] = [];
  if (method === "ks" || method === "wasserstein" || method === "z_test") {
    const missing = (of: Tally): Share => ({ count: slotOf(of, "missing"), of: rowsOf(binning, of) });
    shifts.push(shiftOf("missing", missing(tally), missing(current)));
  }
  if (method === "z_test") {
    const present = (of: Tally): number => rowsOf(binning, of) - slotOf(of, "missing");
    const unseen = (of: Tally): Share => ({ count: slotOf(of, "unseen"), of: present(of) });
    const outside = (of: Tally): Share => ({ count: slotOf(of, "below") + slotOf(of, "above"), of: present(of) });
    shifts.push(
      shiftOf("unseen", unseen(tally), unseen(current)),
      shiftOf("outside", outside(tally), outside(current)),
    );
  }
  if (binning.kind === "texts") shifts.push(wordShift(column, current));
  return shifts.filter((shift) => shift !== null);
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
    const present = rowsOf(binning, of) - slotOf(of, "missing");
    return { count: Math.round(share * present), of: present };
  };
  const shift = shiftOf("words", texts(tally, unseenWordRate), texts(current, rate));
  if (!shift) return null;
  const isMore = rate > unseenWordRate;
  return { ...shift, from: unseenWordRate, to: rate, pValue: isMore ? shift.pValue / 2 : 1 };
}
