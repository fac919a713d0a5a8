import type { PackedTexts } from "./packed-texts.ts";

/** NaN is missing. */
export interface NumericColumn {
  name: string;
  kind: "numeric";
  numbers: Float64Array;
}

/** 1 is true, 0 false, -1 missing. */
export interface BooleanColumn {
  name: string;
  kind: "boolean";
  flags: Int8Array;
  /** How the file spells them first, for models that take text: such as False and True. */
  spelling: { false: string; true: string };
}

/** A code is an index of `dictionary`, -1 is missing. Stated categories come first, also those that do not occur. */
export interface CategoricalColumn {
  name: string;
  kind: "categorical";
  codes: Int32Array;
  dictionary: string[];
}

export interface TextColumn {
  name: string;
  kind: "text";
  texts: PackedTexts;
}

/** Canonical labels; a code is an index of `dictionary`, -1 is missing. The labels of the schema come first, in its order. */
export interface LabelColumn {
  name: string;
  kind: "label";
  codes: Int32Array;
  dictionary: string[];
}

export type TrainingColumn = NumericColumn | BooleanColumn | CategoricalColumn | TextColumn;
export type TargetColumn = NumericColumn | LabelColumn;

/** The value of a cell; null where it is missing, and for rows that are not there. */
export function cellAt(column: TrainingColumn | TargetColumn, row: number): number | boolean | string | null {
  switch (column.kind) {
    case "numeric": {
      const number = column.numbers[row] ?? Number.NaN;
      return Number.isNaN(number) ? null : number;
    }
    case "boolean": {
      const flag = column.flags[row] ?? -1;
      return flag === -1 ? null : flag === 1;
    }
    case "text":
      return column.texts.at(row);
    default:
      return column.dictionary[column.codes[row] ?? -1] ?? null;
  }
}
