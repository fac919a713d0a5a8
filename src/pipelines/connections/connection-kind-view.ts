import type { ConnectionRow } from "./queries.ts";

/** Where a connection leads, and as whom. */
export interface Lead {
  place: string;
  note: string | null;
}

/** Where a connection leads, for people. What follows the ? of a URL is left out: it often is a secret of the receiver. */
export function leadOf({ kind, settings }: Pick<ConnectionRow, "kind" | "settings">): Lead {
  const text = (name: string): string => {
    const value = settings[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  switch (kind) {
    case "postgres":
    case "mysql": {
      const tls = settings["tls"] === false ? "not encrypted" : "encrypted";
      return { place: `${text("host")}:${text("port")}/${text("database")}`, note: `as ${text("user")}, ${tls}` };
    }
    case "s3":
      return { place: text("bucket"), note: `at ${hostOf(text("endpoint"))}, ${text("region")}` };
    case "http": {
      const [place = ""] = text("url").split(/[?#]/);
      return { place, note: null };
    }
  }
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
