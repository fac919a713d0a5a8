import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
/** A path in backticks: at least one folder, then a file with an ending, or a slash at the end. */
const PATH = /`((?:[\w.@-]+\/)+(?:[\w.@-]+\.(?:tsx?|js|css|md|sql|toml|py|json|onnx))?)`/g;
const COMMENT_COLUMNS_MAX = 140;
/** The target of a link, without its anchor. */
const LINK = /\]\((?!https?:|#)([^)#]+)/g;

describe("the documentation", () => {
  test("names files and folders that exist", async () => {
    const named = await matches(PATH);
    const missing = named.filter(({ path }) => ![ROOT, join(ROOT, "src")].some((root) => existsSync(join(root, path))));
    expect(missing).toEqual([]);
    expect(named.length).toBeGreaterThan(100);
  });

  test("links to files that exist", async () => {
    const linked = await matches(LINK);
    expect(linked.filter(({ page, path }) => !existsSync(join(ROOT, dirname(page), path)))).toEqual([]);
    expect(linked.length).toBeGreaterThan(10);
  });
});

describe("comments in the code", () => {
  test("are at most 140 columns wide", async () => {
    const wide: string[] = [];
    for (const folder of ["src", "test", "scripts", "bench"]) {
      for (const file of await readdir(join(ROOT, folder), { recursive: true })) {
        if (!/\.tsx?$/.test(file)) continue;
        const lines = (await readFile(join(ROOT, folder, file), "utf8")).split("\n");
        for (const [index, line] of lines.entries())
          if (line.length > COMMENT_COLUMNS_MAX && /^\s*(\/\/|\/\*\*|\*) /.test(line))
            wide.push(`${folder}/${file}:${index + 1}`);
      }
    }
    expect(wide).toEqual([]);
  });
});

async function matches(pattern: RegExp): Promise<{ page: string; path: string }[]> {
  const found = [];
  for (const page of await pages()) {
    const text = await readFile(join(ROOT, page), "utf8");
    found.push(...[...text.matchAll(pattern)].map(([, path = ""]) => ({ page, path })));
  }
  return found;
}

async function pages(): Promise<string[]> {
  const entries = await Promise.all(
    [".", "demo", "docs", "docs/decisions"].map(async (folder) =>
      (await readdir(join(ROOT, folder))).map((entry) => join(folder, entry)),
    ),
  );
  return entries.flat().filter((entry) => entry.endsWith(".md"));
}
