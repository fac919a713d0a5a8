/** Where Durable Objects can be placed; `local` is the one machine on which nothing is far. */
export const regions = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me", "local"] as const;
export type Region = (typeof regions)[number];

const BY_CONTINENT: Record<string, Region> = {
  NA: "enam",
  SA: "sam",
  EU: "weur",
  AS: "apac",
  OC: "oc",
  AF: "afr",
  AN: "oc",
};

/** Longitude that parts the two halves of North America and of Europe between the regions that Cloudflare offers. */
const NORTH_AMERICA_MIDDLE = -95;
const EUROPE_MIDDLE = 20;

/** The region nearest to the caller, from what Cloudflare says of the connection; `local` where it says nothing. */
export function regionOf(request: Request): Region {
  const { cf } = request;
  const continent = cf?.["continent"];
  if (typeof continent !== "string") return "local";
  const longitude = Number(cf?.["longitude"]);
  if (continent === "NA" && longitude < NORTH_AMERICA_MIDDLE) return "wnam";
  if (continent === "EU" && longitude > EUROPE_MIDDLE) return "eeur";
  if (continent === "AS" && longitude < 60) return "me";
  return BY_CONTINENT[continent] ?? "enam";
}

/** The hint that places a new object in the region; none on one's own machine. */
export function locationHint(region: Region): DurableObjectNamespaceGetDurableObjectOptions {
  return region === "local" ? {} : { locationHint: region };
}
