import { describe, expect, it } from "vitest";
import { joinCsv } from "../../../src/pipelines/sources/join-csv.ts";

async function joined(files: Record<string, string>): Promise<string> {
  const named = Object.entries(files).map(([name, text]) => ({
    name,
    open: async () => new Blob([text]).stream(),
  }));
  let text = "";
  for await (const chunk of joinCsv(named)) text += new TextDecoder().decode(chunk);
  return text;
}

describe("several objects that are read as one", () => {
  it("are the header of the first and the rows of all", async () => {
    expect(await joined({ "in/1.csv": "a,b\n1,2", "in/2.csv": "a,b\n3,4\n" })).toBe("a,b\n1,2\n3,4\n");
  });

  it.each([
    ["empty", "", "csv_empty"],
    ["not named in all its columns", ",b\n1,2\n", "csv_empty_header"],
  ])("are refused with the name of the one that is %s", async (_, text, code) => {
    const named = { code, message: expect.stringMatching(/^in\/2\.csv: /) };
    await expect(joined({ "in/1.csv": "a,b\n1,2\n", "in/2.csv": text })).rejects.toMatchObject(named);
  });
});
