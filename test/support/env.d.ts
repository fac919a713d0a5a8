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

/** What Vite puts in the place of a call of `import.meta.glob`. */
interface ImportMeta {
  glob<Content>(
    pattern: string,
    options: { query: string; import: "default"; eager: true },
  ): Record<string, Content | undefined>;
}

declare module "*.sql?raw" {
  const text: string;
  export default text;
}
