declare module "onnxruntime-web/ort-wasm-simd-threaded.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** The part of the Emscripten module of onnxruntime-web 1.30 that the engine uses; its own types are not exported. */
declare module "onnxruntime-web/ort-wasm-simd-threaded.mjs" {
  export interface OrtModule {
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    stackSave(): number;
    stackRestore(stack: number): void;
    stackAlloc(bytes: number): number;
    UTF8ToString(pointer: number, bytesMax?: number): string;
    stringToUTF8(text: string, pointer: number, bytesMax: number): void;
    lengthBytesUTF8(text: string): number;
    _OrtInit(threads: number, logLevel: number): number;
    _OrtGetLastError(code: number, message: number): number;
    _OrtFree(pointer: number): number;
    _OrtCreateSessionOptions(
      graphOptimization: number,
      cpuMemArena: boolean,
      memPattern: boolean,
      executionMode: number,
      profiling: boolean,
      profilePrefix: number,
      logId: number,
      logSeverity: number,
      logVerbosity: number,
      optimizedModelPath: number,
    ): number;
    _OrtReleaseSessionOptions(options: number): number;
    _OrtCreateSession(model: number, byteLength: number, options: number): number;
    _OrtReleaseSession(session: number): number;
    _OrtGetInputOutputCount(session: number, inputs: number, outputs: number): number;
    _OrtGetInputOutputMetadata(session: number, index: number, name: number, metadata: number): number;
    _OrtCreateTensor(
      type: number,
      data: number,
      byteLength: number,
      dims: number,
      rank: number,
      location: number,
    ): number;
    _OrtGetTensorData(tensor: number, type: number, data: number, dims: number, rank: number): number;
    _OrtReleaseTensor(tensor: number): number;
    _OrtCreateRunOptions(logSeverity: number, logVerbosity: number, terminate: boolean, tag: number): number;
    _OrtReleaseRunOptions(options: number): number;
    _OrtRun(
      session: number,
      inputNames: number,
      inputs: number,
      inputCount: number,
      outputNames: number,
      outputCount: number,
      outputs: number,
      options: number,
    ): number;
  }
  export interface OrtModuleOptions {
    numThreads: number;
    print: (text: string) => void;
    printErr: (text: string) => void;
    instantiateWasm: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) => void;
  }
  export default function createOrtModule(options: OrtModuleOptions): Promise<OrtModule>;
}
