import { type LocalOptions, startLocal } from "../../scripts/local-instance.ts";

/** An instance as `npm start` runs it, of a Worker that is built already. It ends with the process that started it. */
process.once("message", (options: LocalOptions) => {
  void startLocal(options).then(({ url, stop }) => {
    process.on("disconnect", () => void stop().then(() => process.exit()));
    process.send?.(url);
  });
});
