import { keptSecret } from "./kept-secret.ts";

/** Before this process sets anything itself. */
const { SEALING_KEY } = process.env;

/**
 * The settings and secrets of an instance on this machine, by the names of the Worker's bindings. Private addresses are allowed, because
 * that is where one's own receivers are; two objects share a batch run, because more share the same cores.
 */
export async function localBindings(dataDir: string, setupToken: string): Promise<Record<string, string>> {
  return {
    ORIGIN: process.env["ORIGIN"] ?? "",
    TRUST_PROXY: process.env["TRUST_PROXY"] ?? "0",
    ALLOW_PRIVATE_NETWORK: process.env["ALLOW_PRIVATE_NETWORK"] ?? "1",
    BATCH_SHARDS: process.env["BATCH_SHARDS"] ?? "2",
    RECORDS_KEPT_DAYS: process.env["RECORDS_KEPT_DAYS"] ?? "90",
    EMAIL_API_URL: process.env["EMAIL_API_URL"] ?? "",
    EMAIL_API_KEY: process.env["EMAIL_API_KEY"] ?? "",
    EMAIL_FROM: process.env["EMAIL_FROM"] ?? "",
    SETUP_TOKEN: setupToken,
    SEALING_KEY: await keptSecret(dataDir, "sealing-key", SEALING_KEY),
  };
}

/** Wrangler warns of a required secret that the environment does not have; the values themselves are passed as bindings. */
export function quietenWrangler(): void {
  process.env["SETUP_TOKEN"] ??= "passed as a binding";
  process.env["SEALING_KEY"] ??= "passed as a binding";
  process.env["WRANGLER_SEND_METRICS"] ??= "false";
  process.env["WRANGLER_HIDE_BANNER"] ??= "true";
  process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";
}
