import type * as MiniflarePackage from "miniflare";
import { createRequire } from "node:module";

// An import would have Vite transform all of Miniflare, in each run, whatever it tests.
const require = createRequire(import.meta.url);

/** Where a store of the tests speaks S3, and with which key. */
export interface StoreAddress {
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Starts the local runner with one R2 bucket and its S3 endpoint, kept in memory. */
export async function startStore(): Promise<{ address: StoreAddress; stop(): Promise<void> }> {
  const keys = { accessKeyId: "access-key-of-tests", secretAccessKey: "secret access key of the tests" };
  const bucket = "deliveries";
  const { convertV4MiniflareOptions, Miniflare } = require("miniflare") as typeof MiniflarePackage;
  const runner = new Miniflare({
    ...convertV4MiniflareOptions({
      modules: true,
      script: "export default { fetch: () => new Response() };",
      compatibilityDate: "2026-01-01",
      r2Buckets: { STORE: { id: bucket, s3Credentials: keys } },
    }),
  });
  const endpoint = new URL("/cdn-cgi/local/r2/s3", await runner.ready).href;
  return { address: { endpoint, bucket, ...keys }, stop: () => runner.dispose() };
}
