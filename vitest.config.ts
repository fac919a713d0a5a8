import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Wrangler reads the required secrets from here; the others keep it from asking the network.
Object.assign(process.env, {
  SETUP_TOKEN: "setup-token-of-the-tests",
  SEALING_KEY: "sealing-key-of-the-tests-and-nothing-else",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
});

// Two projects: `worker` drives the real Worker inside workerd; `node` holds what needs real processes and files.
export default defineConfig({
  test: {
    reporters: ["default", "./test/summary-reporter.ts"],
    // Each worker runs a runtime of its own.
    maxWorkers: 2,
    projects: [
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { TEST_MIGRATIONS: await readD1Migrations("./migrations") } },
          })),
        ],
        test: {
          name: "worker",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: ["test/node/**"],
          // Room for a machine that is busy with other things; what hangs still fails.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "node", include: ["test/node/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
  },
});
