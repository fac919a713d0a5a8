import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Where Chromium is: CHROMIUM_PATH, else one of the usual places. Undefined where none is installed. */
export const CHROMIUM_PATH = process.env["CHROMIUM_PATH"] ?? USUAL_PLACES.find((path) => existsSync(path));

/** Added to the name of tests that cannot run without it. */
export const IF_SKIPPED =
  CHROMIUM_PATH === undefined ? " (skipped: Chromium is not installed; CHROMIUM_PATH can name one)" : "";

/** A browser without a window. Whoever runs as root in a container needs the sandbox off. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM_PATH ?? "",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}
