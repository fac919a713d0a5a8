declare namespace Cloudflare {
  interface Env {
    /** The SQL of `migrations/`, put there by vitest.config.ts: tests have no file system. */
    TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
}

declare module "*.sql?raw" {
  const text: string;
  export default text;
}
