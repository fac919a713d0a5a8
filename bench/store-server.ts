import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/**
 * The minimum that a Worker does with bytes: it writes them to R2, in objects of the size of a batch run's, and answers with the
 * milliseconds.
 */
const WORKER = `
export default {
  async fetch(request, env) {
    const { bytes, objects } = await request.json();
    const part = new Uint8Array(Math.ceil(bytes / objects)).fill(65);
    const startedMs = Date.now();
    for (let object = 0; object < objects; object += 1) await env.STORE.put("object-" + object, part);
    return Response.json(Date.now() - startedMs);
  },
};`;

process.once("message", (settings: { dataDir: string }) => void start(settings));

async function start({ dataDir }: { dataDir: string }): Promise<void> {
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      name: "store",
      modules: true,
      script: WORKER,
      compatibilityDate: "2026-10-30",
      r2Buckets: { STORE: "store" },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      host: "127.0.0.1",
      port: 0,
      cf: false,
    }),
    resourcePersistencePath: dataDir,
  });
  await miniflare.ready;
  process.on("disconnect", () => void miniflare.dispose().then(() => process.exit()));
  const { origin } = await miniflare.unsafeGetDirectURL("store");
  process.send?.(origin);
}
