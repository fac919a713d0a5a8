import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { curlSnippet, javascriptSnippet, pythonSnippet } from "../../src/pages/docs/snippets.ts";

const url = "https://tiltyard.test/api/v1/deployments/d/predict";

/** What a POSIX shell makes of a line: words, of which single quotes take everything as it is. */
function shellWords(command: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < command.length; at += 1) {
    const char = command.charAt(at);
    if (char === "'") {
      const end = command.indexOf("'", at + 1);
      word = (word ?? "") + command.slice(at + 1, end);
      at = end;
    } else if (char === "\\") {
      at += 1;
      // A line that goes on.
      if (command.charAt(at) !== "\n") word = (word ?? "") + command.charAt(at);
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + char;
  }
  if (word !== null) words.push(word);
  return words;
}

describe("the snippets", () => {
  it("give the shell the body as it is, whatever characters the features have", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
        ),
        (features) => {
          const words = shellWords(curlSnippet({ url, body: { features }, needsKey: false }));
          expect(words.slice(0, 4)).toEqual(["curl", "-X", "POST", url]);
          expect(words.at(-1)).toBe(JSON.stringify({ features }));
        },
      ),
    );
  });

  it("write Python's own words for true, false and null", () => {
    const body = { features: { furnished: true, sold: false, note: null, city: 'the "old" one', rooms: 3 }, list: [] };
    const code = pythonSnippet({ url, body, needsKey: false });
    expect(code).toContain('"furnished": True,');
    expect(code).toContain('"sold": False,');
    expect(code).toContain('"note": None,');
    expect(code).toContain('"city": "the \\"old\\" one",');
    expect(code).toContain('"list": [],');
    expect(code).not.toMatch(/\b(true|false|null)\b/);
  });

  it("read the key from the environment where one is needed, and say nothing of it elsewhere", () => {
    for (const snippet of [curlSnippet, pythonSnippet, javascriptSnippet]) {
      expect(snippet({ url, body: {}, needsKey: true })).toContain("TILTYARD_API_KEY");
      expect(snippet({ url, body: {}, needsKey: false })).not.toMatch(/TILTYARD_API_KEY|Bearer|import os/);
    }
  });
});
