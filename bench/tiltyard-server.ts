import { type LocalOptions, startLocal } from "../scripts/local-instance.ts";

/** Our instance, as `npm start` runs it, in a process of its own. */
process.once("message", (settings: LocalOptions) => {
  void startLocal(settings).then(({ url, stop }) => {
    process.on("disconnect", () => void stop().then(() => process.exit()));
    process.send?.(url);
  });
});
