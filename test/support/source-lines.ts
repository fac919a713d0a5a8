import { readFileSync } from "node:fs";
import type { Plugin } from "vitest/config";
import type { PoolWorker } from "vitest/node";

/** Vitest keeps a transformed module and its source map in one file, with this between them. */
const SOURCE_MAP_MARK = "\n//# vitestSourceMap=";

/**
 * Failures in workerd name lines of the source, not of the transformed code. Goes behind the plugin of Cloudflare, which takes a cached
 * module's file for its code as a whole and so loses the map (1.4.10).
 */
export function sourceLines(): Plugin {
  return {
    name: "source-lines",
    configureVitest({ project: { config } }) {
      const { poolRunner } = config;
      if (poolRunner === undefined)
        throw new Error("sourceLines() has no pool to work on: it goes behind cloudflareTest().");
      config.poolRunner = {
        ...poolRunner,
        createPoolWorker: (options) => withSourceMaps(poolRunner.createPoolWorker(options)),
      };
    },
  };
}

function withSourceMaps(worker: PoolWorker): PoolWorker {
  const send = worker.send.bind(worker);
  worker.send = (message) =>
    send(isAnswer(message) ? Object.assign({}, message, { r: readModules(message.r) }) : message);
  return worker;
}

/** An answer to a call from inside the runtime. */
function isAnswer(message: object): message is { t: "s"; r: unknown } {
  return "t" in message && message.t === "s" && "r" in message;
}

/** An answer is one module or many by their ids; cached ones are read, all else stays as it is. */
function readModules(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return answer;
  if (isCached(answer)) return readCached(answer);
  return Object.fromEntries(
    Object.entries(answer).map(([id, module]) => [id, isCached(module) ? readCached(module) : module]),
  );
}

interface CachedModule {
  cached: true;
  tmp: string;
}

function isCached(module: unknown): module is CachedModule {
  return typeof module === "object" && module !== null && "cached" in module && "tmp" in module;
}

function readCached(module: CachedModule): object {
  const file = readFileSync(module.tmp, "utf8");
  const rest = Object.fromEntries(Object.entries(module).filter(([name]) => name !== "cached" && name !== "tmp"));
  const mark = file.lastIndexOf(SOURCE_MAP_MARK);
  if (mark < 0) return { ...rest, code: file };
  return { ...rest, code: file.slice(0, mark), sourceMap: file.slice(mark + SOURCE_MAP_MARK.length) };
}
