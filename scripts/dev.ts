import { buildStatic } from "./build-static.ts";
import { startDev } from "./dev-instance.ts";
import { runInstance } from "./run-instance.ts";

/** `npm run dev`: the same as `npm start`, by `wrangler dev` and with a store of its own. Changes of the code reload it. */
await runInstance({
  command: "npm run dev",
  dataDir: ".wrangler/dev",
  prepare: () => buildStatic({ watch: true }),
  start: startDev,
});
