import type { Destination } from "../schema.ts";

export type TableDestination = Extract<Destination, { table: string }>;
export type ObjectDestination = Extract<Destination, { key_pattern: string }>;

/** A destination that says what it is. */
export type KindedDestination =
  | ({ kind: "table" } & TableDestination)
  | ({ kind: "object" } & ObjectDestination)
  | ({ kind: "message" } & Destination);

export type DestinationKind = KindedDestination["kind"];

/** What a destination is: its fields say it. */
export function destinationKind(destination: Destination): KindedDestination {
  if ("table" in destination) return { kind: "table", ...destination };
  return "key_pattern" in destination ? { kind: "object", ...destination } : { kind: "message", ...destination };
}

/** How each gets the answers of the challenger. */
export const CHALLENGER_AS = {
  table: "columns",
  object: "file",
  message: "columns",
} as const satisfies Record<DestinationKind, "columns" | "file">;

/** The same for destinations that are the same: what is off may be absent. */
export function identityOf(destination: Destination): string {
  return JSON.stringify(
    Object.entries(destination)
      .filter(([, value]) => value !== false)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}
