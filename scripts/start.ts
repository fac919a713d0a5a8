import { buildStatic } from "./build-static.ts";
import { buildWorker, startLocal } from "./local-instance.ts";
import { runInstance } from "./run-instance.ts";

/** `npm start`: the whole product on this machine. */
await runInstance({
  command: "npm start",
  dataDir: ".tiltyard",
  prepare: async ({ workerDir }) => {
    await Promise.all([buildStatic(), buildWorker(workerDir)]);
  },
  start: startLocal,
});
