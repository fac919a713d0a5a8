import type { TestProject } from "vitest/node";

/** The files of `project` that this run asks for. */
export async function testFilesOf(project: TestProject): Promise<string[]> {
  // The names that the command gave, which vitest's types do not show; undefined: all files.
  const names: unknown = Reflect.get(project.vitest, "filenamePattern");
  const { testFiles } = await project.globTestFiles(Array.isArray(names) ? names.map(String) : undefined);
  return testFiles;
}
