import type { Dim, ValueInfo } from "./model-facts.ts";
import type { Finding } from "./finding.ts";
import { typeText } from "./read-type.ts";

export interface RowLayout {
  rank: number;
  /** Rows that one run takes: a number when the model fixed it, null when it is free. */
  batch: number | null;
  /** Columns of one row, in row-major order; null when the model leaves it open (rank 2 only). */
  columns: number | null;
  dims: Dim[];
}

/**
 * How rows are laid into a tensor input: [N] and [N, 1] take one column a row, [N, F] takes F, [N, a, b] takes a*b; a
 * scalar is one row of one column. A lone input of fixed rank 1 (float32[768]) reads as 768 rows of one column: the
 * caller decides whether that is one row of 768. Answers an error finding where nobody can know the columns.
 */
export function rowLayout(input: ValueInfo): RowLayout | Finding {
  if (input.type.kind !== "tensor") {
    return refusal(
      "input_not_tensor",
      `The input "${input.name}" is no tensor but ${input.type.text}. Export the model with tensor inputs.`,
    );
  }
  const { shape } = input.type;
  if (shape === null) {
    return refusal(
      "input_without_shape",
      `The input "${input.name}" is declared without a shape, so nobody knows how many columns it is. Export the model with an input shape such as [None, 4].`,
    );
  }
  const [batch = 1, ...rest] = shape;
  const free = rest.filter((dim) => typeof dim !== "number");
  if (free.length > 0 && shape.length > 2) {
    return refusal(
      "input_columns_unknown",
      `The input "${input.name}" is ${typeText(input.type)}: more than its first dimension is free, so nobody knows how many columns it is. Export the model with fixed dimensions behind the batch.`,
    );
  }
  const columns = free.length > 0 ? null : rest.reduce<number>((product, dim) => product * Number(dim), 1);
  return {
    rank: shape.length,
    batch: typeof batch === "number" ? batch : null,
    columns,
    dims: shape,
  };
}

function refusal(code: string, message: string): Finding {
  return { level: "error", code, message };
}
