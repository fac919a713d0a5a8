import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildWorker } from "../../scripts/local-instance.ts";
import { testFilesOf } from "../support/test-files.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The Worker as it would be deployed, for the files that start instances of it. */
    workerDir: string;
  }
}

const STARTS_INSTANCES = /"[./a-z]*\/(built|zoo)-instance\.ts"/;

/** For vitest's `globalSetup`: builds the Worker once for all files of the run that start it, and nothing when none does. */
export default async function buildOnce(project: TestProject): Promise<(() => void) | undefined> {
  const files = await testFilesOf(project);
  if (!files.some((file) => STARTS_INSTANCES.test(readFileSync(file, "utf8")))) return undefined;
  const workerDir = mkdtempSync(join(tmpdir(), "tiltyard-worker-"));
  await buildWorker(workerDir);
  project.provide("workerDir", workerDir);
  return () => rmSync(workerDir, { recursive: true, force: true });
}
