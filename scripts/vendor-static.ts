import { copyFile, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

/** Puts the browser files of htmx and uPlot where pages load them from: static/vendor, which is not committed. */
const ROOT = resolve(import.meta.dirname, "..");
const FILES = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "uplot.min.js": "uplot/dist/uPlot.iife.min.js",
  "uplot.min.css": "uplot/dist/uPlot.min.css",
};

await mkdir(join(ROOT, "static/vendor"), { recursive: true });
for (const [name, source] of Object.entries(FILES)) {
  await copyFile(join(ROOT, "node_modules", source), join(ROOT, "static/vendor", name));
}
