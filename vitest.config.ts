import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { builtinModules } from "node:module";
import { esmExternalRequirePlugin } from "vite";
import { defineConfig } from "vitest/config";
import { sourceLines } from "./test/support/source-lines.ts";

// Wrangler reads the required secrets from here; the others keep it from asking the network.
Object.assign(process.env, {
  SETUP_TOKEN: "setup-token-of-the-tests",
  SEALING_KEY: "sealing-key-of-the-tests-and-nothing-else",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
});

const BUILTINS = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

// The tests' runtime does not find node:process where the CommonJS package of mysql2 requires it: Vite bundles it, with imports of what is
// built in. The others have many modules, which are loaded faster as one.
const BUNDLED = {
  enabled: true,
  include: [
    "mysql2",
    "mysql2/promise",
    "drizzle-orm",
    "drizzle-orm/batch",
    "drizzle-orm/d1",
    "drizzle-orm/sqlite-core",
    "hono",
    "hono/cookie",
    "hono/factory",
    "hono/html",
    "hono/jsx",
    "hono/jsx/jsx-dev-runtime",
    "hono/jsx/jsx-runtime",
    "chanfana",
    "hyparquet",
    "hyparquet-writer",
    "postgres",
    "yaml",
    "zod",
  ],
  rolldownOptions: { plugins: [esmExternalRequirePlugin({ external: BUILTINS })] },
};

// Long loops (kills, faults, the zoo, large property runs) run whole only where this is set, as CI does.
const provide = { thorough: process.env["THOROUGH"] === "1" };

/**
 * What node:net leaves behind in the driver of MySQL when a connection ends: the caller has been told already, and nobody holds the
 * promise.
 */
function isLeftByDriver({ message }: { message: string }): boolean {
  // The second is what the runtime says of a connection that ended in the middle of a handshake; it gives no stack to tell where.
  return message === "This socket has been closed." || message.startsWith("internal error; reference = ");
}

// Three projects: `worker` drives the real Worker inside workerd; `node` holds what needs real processes and files; `browser` needs
// Chromium.
export default defineConfig({
  test: {
    reporters: ["default", "./test/summary-reporter.ts"],
    // Each worker runs a runtime of its own. Tests wait for one another's objects and processes, so three keep two cores busy.
    maxWorkers: 3,
    onUnhandledError: (error) => !isLeftByDriver(error),
    projects: [
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: { TEST_MIGRATIONS: await readD1Migrations("./migrations") },
              serviceBindings: {
                ORT_FILES: {
                  disk: { path: `${import.meta.dirname}/node_modules/onnxruntime-web/dist`, writable: false },
                },
              },
            },
          })),
          sourceLines(),
        ],
        resolve: {
          alias: [
            { find: /^onnxruntime-web\/.*\.wasm$/, replacement: `${import.meta.dirname}/test/support/ort-wasm.ts` },
          ],
        },
        assetsInclude: ["**/*.onnx"],
        test: {
          name: "worker",
          provide,
          // A runtime takes longer to start than most files to run. Files share one, and empty its storage when they begin.
          isolate: false,
          globalSetup: "./test/support/databases.ts",
          deps: { optimizer: { ssr: BUNDLED } },
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: ["test/node/**", "test/browser/**"],
          // Room for a machine that is busy with other things; what hangs still fails.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "node",
          provide,
          globalSetup: "./test/node/built-worker.ts",
          include: ["test/node/**/*.test.ts"],
          testTimeout: 120_000,
          // Hooks start processes and send the load of a file.
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "browser",
          provide,
          globalSetup: "./test/node/built-worker.ts",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
