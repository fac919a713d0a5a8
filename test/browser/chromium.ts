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

const IS_ASKED_FOR = ["BROWSER", "SCREENSHOTS", "THOROUGH"].some((setting) => process.env[setting] === "1");

/** Whether the tests in a browser run: a way through the whole product takes minutes. */
export const CAN_BROWSE = CHROMIUM_PATH !== undefined && IS_ASKED_FOR;

/** Added to the name of tests that do not run, so that whoever reads it knows what they need. */
export const IF_SKIPPED = CAN_BROWSE
  ? ""
  : IS_ASKED_FOR
    ? " (skipped: Chromium is not installed; CHROMIUM_PATH can name one)"
    : " (skipped: npm run test:browser and THOROUGH=1 run it)";

/** A browser without a window. Whoever runs as root in a container needs the sandbox off. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM_PATH ?? "",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}
