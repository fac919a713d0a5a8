import { type LocalOptions, startLocal } from "../scripts/local-instance.ts";

/** An instance of Tiltyard as `npm start` runs it, in a separate process. */
process.once("message", (settings: LocalOptions) => {
  void startLocal(settings).then(({ url, stop }) => {
    process.on("disconnect", () => void stop().then(() => process.exit()));
    process.send?.(url);
  });
});
