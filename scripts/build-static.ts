import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "vite";

const ROOT = resolve(import.meta.dirname, "..");
const CLIENT = join(ROOT, "src/client");
const STATIC = join(ROOT, "static");
const VENDOR = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "uplot.min.css": "uplot/dist/uPlot.min.css",
};

/**
 * Builds what pages load and `static/` does not commit: a script for each file of `src/client/`, bundled with what it imports and
 * minified, and the browser files of packages. With `watch`, builds a script again whenever its code changes, until the process ends.
 */
export async function buildStatic({ watch = false } = {}): Promise<void> {
  await mkdir(join(STATIC, "vendor"), { recursive: true });
  const scripts = (await readdir(CLIENT)).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  await Promise.all([
    ...Object.entries(VENDOR).map(([name, source]) =>
      copyFile(join(ROOT, "node_modules", source), join(STATIC, "vendor", name)),
    ),
    ...scripts.map((name) => buildScript(join(CLIENT, name), watch)),
  ]);
}

async function buildScript(input: string, watch: boolean): Promise<void> {
  await build({
    configFile: false,
    root: CLIENT,
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir: STATIC,
      emptyOutDir: false,
      sourcemap: true,
      watch: watch ? {} : null,
      rolldownOptions: { input, output: { format: "iife", entryFileNames: "[name].js" } },
    },
  });
}

if (import.meta.main) await buildStatic();
