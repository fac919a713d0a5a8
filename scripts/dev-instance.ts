import { join, resolve } from "node:path";
import { unstable_startWorker } from "wrangler";
import { freePort } from "./free-port.ts";
import { localBindings, quietenWrangler } from "./local-bindings.ts";
import type { LocalInstance, LocalOptions } from "./local-instance.ts";
import { prepareStore } from "./prepare-store.ts";

const CONFIG = resolve(import.meta.dirname, "../wrangler.toml");

/**
 * Runs the Worker as `wrangler dev` does: what the code or the static files change to is served at once. Migrations are applied at the
 * start. The folder for the built Worker is not used.
 */
export async function startDev({ port, dataDir, setupToken }: Omit<LocalOptions, "workerDir">): Promise<LocalInstance> {
  quietenWrangler();
  // Both make it several times slower.
  process.env["X_LOCAL_OBSERVABILITY"] ??= "false";
  process.env["X_LOCAL_EXPLORER"] ??= "false";
  const server = { hostname: "127.0.0.1", port: port === 0 ? await freePort() : port };
  const url = `http://${server.hostname}:${server.port}`;
  const persist = join(dataDir, "store");
  // Wrangler's name for its layout of a store.
  const { hasUsers } = await prepareStore(join(persist, "v3"), url);
  const bindings = Object.entries(await localBindings(dataDir, setupToken));
  const worker = await unstable_startWorker({
    config: CONFIG,
    bindings: Object.fromEntries(bindings.map(([name, value]) => [name, { type: "secret_text" as const, value }])),
    dev: { server, persist, watch: true },
  });
  await worker.ready;
  const fire = async (cron: string, time: Date): Promise<void> => {
    const query = new URLSearchParams({ cron, time: String(time.getTime()) });
    const response = await fetch(`${url}/cdn-cgi/local/scheduled?${query.toString()}`);
    if (!response.ok) throw new Error(`${cron}: ${await response.text()}`);
  };
  await fire("@start", new Date());
  return {
    url,
    hasUsers,
    tick: (scheduledTime) => fire("* * * * *", scheduledTime),
    database: null,
    stop: () => worker.dispose(),
  };
}
