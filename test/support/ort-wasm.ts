import { env } from "cloudflare:workers";

// Takes the place of onnxruntime-web's file. As a module its 14 MB would reach the runtime as a list of numbers in JSON, which takes
// seconds.
const file = await env.ORT_FILES.fetch("http://files/ort-wasm-simd-threaded.wasm");

/** The engine, compiled. */
export default env.__VITEST_POOL_WORKERS_UNSAFE_EVAL.newWasmModule(await file.arrayBuffer());
