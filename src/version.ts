import manifest from "../package.json" with { type: "json" };

/** The version of Tiltyard that is running, as package.json says. */
export const VERSION: string = manifest.version;
