declare namespace Cloudflare {
  interface Env {
    /** The SQL of `migrations/`, put there by vitest.config.ts: tests have no file system. */
    TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
    /** The files of onnxruntime-web, put there by vitest.config.ts. */
    ORT_FILES: Fetcher;
    /** Put there by @cloudflare/vitest-plugin, which compiles the modules of tests with it. */
    __VITEST_POOL_WORKERS_UNSAFE_EVAL: { newWasmModule(bytes: ArrayBuffer): WebAssembly.Module };
  }
}

declare module "*.sql?raw" {
  const text: string;
  export default text;
}
