/** Where a record lies: in segment `segment` of one host of one version, at `index`. To callers the id is opaque. */
export interface RecordPlace {
  version: number;
  /** Region and shard of the host, as in `weur0`. */
  host: string;
  segment: number;
  index: number;
}

const PATTERN = /^p([0-9a-z]{1,6})-([a-z]{2,8}[0-9]{1,2})-([0-9a-z]{1,9})-([0-9a-z]{1,4})$/;

export function predictionId(place: RecordPlace): string {
  const { version, host, segment, index } = place;
  return `p${version.toString(36)}-${host}-${segment.toString(36)}-${index.toString(36)}`;
}

/** The place that an id names; null when it is none of ours. */
export function parsePredictionId(id: string): RecordPlace | null {
  const match = PATTERN.exec(id);
  if (!match) return null;
  const [, version = "", host = "", segment = "", index = ""] = match;
  return {
    version: Number.parseInt(version, 36),
    host,
    segment: Number.parseInt(segment, 36),
    index: Number.parseInt(index, 36),
  };
}
