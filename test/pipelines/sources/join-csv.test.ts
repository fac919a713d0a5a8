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

  it("may have their columns in another order, cells with delimiters in them, and nothing at all", async () => {
    const files = {
      "0": "",
      "1": 'a;b\n1;"x;y"\n',
      "2": "",
      "3": "a;b\n",
      "4": 'b;a\n"q;""r"" ";2\nz;3',
      "5": "a;b\n4;w\n",
    };
    expect(await joined(files)).toBe('a;b\n1;"x;y"\n2;"q;""r"" "\n3;z\n4;w\n');
  });

  it("name the column that one of them has more or less", async () => {
    await expect(joined({ "1": "a,b\n1,2\n", "2": "a,b,c\n1,2,3\n" })).rejects.toMatchObject({
      code: "objects_differ",
      message: expect.stringContaining('2 has the column "c", which 1 has not'),
    });
    await expect(joined({ "1": "a,b\n1,2\n", "2": "a\n1\n" })).rejects.toMatchObject({
      message: expect.stringContaining('2 has no column "b"'),
    });
  });

  it("are refused when all of them are empty", async () => {
    await expect(joined({ "1": "", "2": "" })).rejects.toMatchObject({ code: "objects_empty" });
  });

  it.each([["not named in all its columns", ",b\n1,2\n", "csv_empty_header"]])(
    "are refused with the name of the one that is %s",
    async (_, text, code) => {
      const named = { code, message: expect.stringMatching(/^in\/2\.csv: /) };
      await expect(joined({ "in/1.csv": "a,b\n1,2\n", "in/2.csv": text })).rejects.toMatchObject(named);
    },
  );
});
