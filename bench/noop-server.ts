import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/** The minimum that a Worker with a Durable Object does for a call: it passes the JSON over and back. No storage, no model. */
const WORKER = `
import { DurableObject } from "cloudflare:workers";
export class Noop extends DurableObject {
  same(value) { return value; }
}
export default {
  async fetch(request, env) {
    const body = await request.json();
    return Response.json(await env.NOOP.getByName("noop").same(body));
  },
};`;

process.once("message", () => void start());

async function start(): Promise<void> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "noop",
      modules: true,
      script: WORKER,
      compatibilityDate: "2026-10-30",
      durableObjects: { NOOP: { className: "Noop", useSQLite: true } },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      host: "127.0.0.1",
      port: 0,
      cf: false,
    }),
  );
  await miniflare.ready;
  process.on("disconnect", () => void miniflare.dispose().then(() => process.exit()));
  const { origin } = await miniflare.unsafeGetDirectURL("noop");
  process.send?.(origin);
}
