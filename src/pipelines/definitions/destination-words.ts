import { destinationKind, type TableDestination } from "../delivery/destination-kind.ts";
import type { Destination, Schedule, Source } from "../schema.ts";

/** A destination in a few words: `upserts into sales.scores`. */
export function destinationWords(destination: Destination): string {
  const challenger = destination.challenger ? ", with the challenger" : "";
  return `${mainWords(destination)}${challenger}`;
}

function mainWords(destination: Destination): string {
  const to = destinationKind(destination);
  switch (to.kind) {
    case "table":
      return { append: "appends to ", replace: "replaces ", upsert: "upserts into " }[to.mode] + to.table + byWords(to);
    case "object":
      return `writes ${to.key_pattern} as ${to.format}`;
    case "message":
      return "sends rows";
  }
}

/** Of an upsert: by what. */
export function byWords({ mode, key_columns: keys = [] }: TableDestination): string {
  return mode === "upsert" ? ` by ${keys.join(", ")}` : "";
}

/** A source in a few words. Of a URL it says the host only: the rest of one often is a secret. */
export function sourceWords(source: Source): string {
  const dates = source.dates === undefined ? "" : `, dates with the ${source.dates.replace("_", " ")}`;
  return placeWords(source) + dates;
}

function placeWords(source: Source): string {
  switch (source.kind) {
    case "dataset":
      return `dataset ${source.dataset_id}`;
    case "query":
      return `query of ${source.connection_id}: ${source.sql.slice(0, 500)}`;
    case "object":
      return `object ${source.key} of ${source.connection_id}`;
    case "url":
      return `file of ${new URL(source.url).host}`;
  }
}

/** A schedule in a few words: `0 6 * * 1 in Europe/Paris`. */
export function scheduleWords({ cron, timezone, starts_at: from, ends_at: to }: Schedule): string {
  return `${cron} in ${timezone}${from === undefined ? "" : ` from ${from}`}${to === undefined ? "" : ` to ${to}`}`;
}
