import { env } from "cloudflare:workers";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import type { OpenedConnection } from "../../../src/pipelines/connections/connection-input.ts";
import type { Source } from "../../../src/pipelines/schema.ts";
import { readRange } from "../../../src/pipelines/sources/read-range.ts";
import { SourceError } from "../../../src/pipelines/sources/source-error.ts";
import { stage, type StagePorts } from "../../../src/pipelines/sources/stage.ts";
import type { Staged } from "../../../src/pipelines/sources/staged.ts";

const CSV = 'a;b\n1,5;"x\ny"\n\n2,25;z\n';
const URL_SOURCE: Source = { kind: "url", url: "https://data.example.org/file.csv" };
const S3: OpenedConnection = {
  id: "con_1",
  kind: "s3",
  settings: { endpoint: "https://s3.example.org", region: "auto", bucket: "rows", access_key_id: "id" },
  secret: { secret_access_key: "secret" },
};

let runs = 0;

/** A run of its own, whose calls outside are answered by `answer`. */
function portsWith(answer: (url: URL, request: Request) => Response, more: Partial<StagePorts> = {}): StagePorts {
  return {
    store: env.STORE,
    runId: `run_${++runs}`,
    allowPrivate: false,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return answer(new URL(request.url), request);
    },
    dataset: async () => null,
    connection: async () => S3,
    ...more,
  };
}

function csvAnswer(csv: string | Uint8Array, type = "text/csv"): () => Response {
  return () => new Response(csv, { headers: { "content-type": type } });
}

async function refusal(staging: Promise<unknown>): Promise<SourceError> {
  try {
    await staging;
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error("It was staged.");
}

async function textAt(key: string): Promise<string | undefined> {
  return (await env.STORE.get(key))?.text();
}

/** All rows of all ranges, read range by range, with the line of each. */
async function rowsOf(staged: Staged): Promise<{ rows: string[][]; lines: number[] }> {
  const [rows, lines]: [string[][], number[]] = [[], []];
  for (const range of staged.ranges) {
    expect(range.firstRow).toBe(rows.length);
    for await (const batch of readRange(env.STORE, staged, range)) {
      for (let row = 0; row < batch.rows; row++) {
        rows.push(staged.columns.map((_, column) => batch.text(row, column)));
        lines.push(batch.line(row));
      }
    }
    expect(rows.length - range.firstRow).toBe(range.rows);
  }
  return { rows, lines };
}

describe("a URL", () => {
  it("is brought byte for byte, with the rows noted and their lines", async () => {
    const ports = portsWith(csvAnswer(CSV));
    const staged = await stage(URL_SOURCE, ports);
    expect(staged).toEqual({
      key: `runs/${ports.runId}/source.csv`,
      columns: ["a", "b"],
      delimiter: ";",
      cells: [
        { type: "number", marks: "comma" },
        { type: "text", marks: "comma" },
      ],
      rows: 2,
      bytes: CSV.length,
      ranges: [{ offset: 4, length: CSV.length - 4, firstRow: 0, rows: 2, firstLine: 2 }],
    });
    expect(await textAt(staged.key)).toBe(CSV);
    expect(await rowsOf(staged)).toEqual({
      rows: [
        ["1,5", "x\ny"],
        ["2,25", "z"],
      ],
      lines: [2, 5],
    });
  });

  it("is staged once for a run: repeating gives the same rows, also when the source has changed", async () => {
    const ports = portsWith(csvAnswer(CSV));
    const first = await stage(URL_SOURCE, ports);
    const again = await stage(URL_SOURCE, { ...ports, fetch: async () => csvAnswer("c\n1\n")() });
    expect(again).toEqual(first);
    expect(await textAt(first.key)).toBe(CSV);
  });

  it("leaves nothing behind when the file is broken, and names the line", async () => {
    const ports = portsWith(csvAnswer("a,b\n1,2\n3\n"));
    expect(await refusal(stage(URL_SOURCE, ports))).toMatchObject({ code: "csv_ragged", isRetryable: false });
    expect((await env.STORE.list({ prefix: `runs/${ports.runId}/` })).objects).toEqual([]);
  });

  it("follows redirects by hand, and none to an address that is not called", async () => {
    const moved = (to: string) => (url: URL) =>
      url.pathname === "/file.csv" ? new Response(null, { status: 302, headers: { location: to } }) : csvAnswer(CSV)();
    expect(await stage(URL_SOURCE, portsWith(moved("/real.csv")))).toMatchObject({ rows: 2 });
    for (const to of ["http://10.0.0.1/x", "http://169.254.169.254/latest", "file:///etc/passwd"]) {
      expect(await refusal(stage(URL_SOURCE, portsWith(moved(to))))).toMatchObject({ code: "url_address" });
    }
    const endless = portsWith(() => new Response(null, { status: 302, headers: { location: "/file.csv" } }));
    expect(await refusal(stage(URL_SOURCE, endless))).toMatchObject({ code: "url_redirect" });
    const own: Source = { kind: "url", url: "http://127.0.0.1:9/file.csv" };
    expect(await refusal(stage(own, portsWith(csvAnswer(CSV))))).toMatchObject({ code: "url_address" });
    expect(await stage(own, portsWith(csvAnswer(CSV), { allowPrivate: true }))).toMatchObject({ rows: 2 });
  });

  it.each([
    ["a page", csvAnswer("<html>", "text/html; charset=utf-8"), "url_type", false],
    ["nothing there", () => new Response("gone", { status: 404 }), "url_status", false],
    ["a fault of the server", () => new Response("inner secrets", { status: 503 }), "url_status", true],
    [
      "more than 5 GB",
      () => new Response("a\n1\n", { headers: { "content-length": "5000000001" } }),
      "source_too_large",
      false,
    ],
  ])("is refused for %s", async (_, answer, code, isRetryable) => {
    const error = await refusal(stage(URL_SOURCE, portsWith(answer)));
    expect(error).toMatchObject({ code, isRetryable });
    expect(error.message).not.toContain("inner");
  });

  it("that breaks off can be tried again", async () => {
    const ports = portsWith(() => {
      let pulls = 0;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (pulls++ > 0) controller.error(new Error("lost"));
          else controller.enqueue(new TextEncoder().encode("a\n1\n"));
        },
      });
      return new Response(body);
    });
    expect(await refusal(stage(URL_SOURCE, ports))).toMatchObject({ code: "source_broken_off", isRetryable: true });
    expect(await stage(URL_SOURCE, { ...ports, fetch: async () => csvAnswer("a\n1\n")() })).toMatchObject({ rows: 1 });
  });

  it("has a point before the decimals of its numbers, also where its texts write commas", async () => {
    const file = parquetWriteBuffer({
      columnData: [
        { name: "weight", data: [1.234, 12.345], type: "DOUBLE" },
        { name: "share", data: ["0,5", "1,5"], type: "STRING" },
      ],
    });
    const staged = await stage(URL_SOURCE, portsWith(csvAnswer(new Uint8Array(file), "application/octet-stream")));
    expect(staged.cells).toMatchObject([{ marks: "point" }, { marks: "comma" }]);
    expect(staged.cells?.[0]).not.toHaveProperty("grouped");
  });

  it("may lead to a Parquet file, which becomes a CSV", async () => {
    const file = parquetWriteBuffer({ columnData: [{ name: "n", data: [1, 2, 3], type: "INT32" }] });
    const ports = portsWith(csvAnswer(new Uint8Array(file), "application/octet-stream"));
    const staged = await stage(URL_SOURCE, ports);
    expect(await textAt(staged.key)).toBe("n\n1\n2\n3\n");
    expect(await textAt(`runs/${ports.runId}/source.parquet`)).toBeUndefined();
  });
});

describe("objects of a store", () => {
  const files = new Map([
    ["in/2.csv", "b,a\n3,4\n"],
    ["day/1.csv", "\ufeffa,b\n1,2"],
    ["day/2.csv", "\ufeffa,b\r\n3,4\r\n"],
    ["day/3.csv", "a,b\n"],
    ["day/4.csv", "a,b\n5,6\n"],
    ["day/x.txt", "other"],
    ["odd/it's (1) ä.csv", "a,b\n7,8\n"],
  ]);
  const store = (url: URL, request: Request): Response => {
    if (!(request.headers.get("authorization") ?? "").startsWith("AWS4-HMAC-SHA256 Credential=id/"))
      return new Response("", { status: 403 });
    if (url.searchParams.get("list-type") === "2") return listing(url);
    const file = files.get(decodeURIComponent(url.pathname.replace("/rows/", "")));
    return file === undefined
      ? new Response("<Error><Code>NoSuchKey</Code></Error>", { status: 404 })
      : new Response(file);
  };
  // Two keys a page, so that lists have several.
  const listing = (url: URL): Response => {
    const keys = [...files.keys()].filter((key) => key.startsWith(url.searchParams.get("prefix") ?? "")).toSorted();
    const from = Number(url.searchParams.get("continuation-token") ?? "0");
    const shown = keys.slice(from, from + 2).map((key) => `<Contents><Key>${encodeURIComponent(key)}</Key></Contents>`);
    const next =
      from + 2 < keys.length
        ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${from + 2}</NextContinuationToken>`
        : "<IsTruncated>false</IsTruncated>";
    return new Response(`<ListBucketResult>${next}${shown.join("")}</ListBucketResult>`);
  };
  const objects = (key: string): Source => ({ kind: "object", connection_id: "con_1", key });

  it("is one by its key, also an odd one", async () => {
    const staged = await stage(objects("odd/it's (1) ä.csv"), portsWith(store));
    expect((await rowsOf(staged)).rows).toEqual([["7", "8"]]);
  });

  it("are several by a pattern: the rows of all under one header, in the order of their keys", async () => {
    const staged = await stage(objects("day/*.csv"), portsWith(store));
    expect((await rowsOf(staged)).rows).toEqual([
      ["1", "2"],
      ["3", "4"],
      ["5", "6"],
    ]);
    expect(staged).toMatchObject({ columns: ["a", "b"], rows: 3 });
  });

  it("must have the same columns, and are named where they do not", async () => {
    files.set("in/1.csv", "a,b\n1,2\n");
    expect((await rowsOf(await stage(objects("in/*"), portsWith(store)))).rows).toEqual([
      ["1", "2"],
      ["4", "3"],
    ]);
    files.set("in/3.csv", "a,b,c\n1,2,3\n");
    const error = await refusal(stage(objects("in/*"), portsWith(store)));
    expect(error.code).toBe("objects_differ");
    expect(error.message).toContain('in/3.csv has the column "c", which in/1.csv has not');
  });

  it("may be several Parquet files, with columns in another order and empty ones between them", async () => {
    const parquet = (columnData: Parameters<typeof parquetWriteBuffer>[0]["columnData"]) =>
      new Uint8Array(parquetWriteBuffer({ columnData }));
    const [n, when] = [
      { name: "n", type: "INT32" },
      { name: "t", type: "STRING" },
    ] as const;
    const all = new Map<string, Uint8Array>([
      ["pq/0", new Uint8Array()],
      [
        "pq/1",
        parquet([
          { ...n, data: [1, 2] },
          { ...when, data: ["a", "b"] },
        ]),
      ],
      ["pq/2", new Uint8Array()],
      [
        "pq/3",
        parquet([
          { ...when, data: ["c"] },
          { ...n, data: [3] },
        ]),
      ],
    ]);
    const answer = (url: URL): Response => {
      const keys = [...all.keys()].map((key) => `<Contents><Key>${key}</Key></Contents>`).join("");
      if (url.searchParams.has("list-type")) return new Response(`<L><IsTruncated>false</IsTruncated>${keys}</L>`);
      return new Response(all.get(url.pathname.replace("/rows/", "")));
    };
    const ports = portsWith(answer);
    const staged = await stage(objects("pq/*"), ports);
    expect((await rowsOf(staged)).rows).toEqual([
      ["1", "a"],
      ["2", "b"],
      ["3", "c"],
    ]);
    expect(staged.types).toEqual([{ type: "integer" }, { type: "text" }]);
    expect(await textAt(`runs/${ports.runId}/source.parquet`)).toBeUndefined();
    all.set("pq/4", parquet([{ ...n, data: [3] }]));
    expect(await refusal(stage(objects("pq/*"), portsWith(answer)))).toMatchObject({
      code: "objects_differ",
      message: expect.stringContaining('pq/4 has no column "t"'),
    });
  });

  it.each([
    ["no.csv", "object_missing"],
    ["no/*", "object_missing"],
  ])("are missed by %s", async (key, code) => {
    expect(await refusal(stage(objects(key), portsWith(store)))).toMatchObject({ code, isRetryable: false });
  });
});

describe("a dataset", () => {
  const source: Source = { kind: "dataset", dataset_id: "dst_1" };
  const stored = (format: "csv" | "parquet", state = "succeeded") => ({
    dataset: async (id: string) => ({ id, format, state }),
  });

  it("that is a CSV is used where it lies", async () => {
    await env.STORE.put("datasets/dst_1/file", CSV);
    const ports = portsWith(csvAnswer(""), stored("csv"));
    const staged = await stage(source, ports);
    expect(staged).toMatchObject({ key: "datasets/dst_1/file", rows: 2 });
    expect(await textAt(`runs/${ports.runId}/source.csv`)).toBeUndefined();
  });

  it.each([
    ["is gone", async () => null, "dataset_missing", false],
    ["is being read", stored("csv", "running").dataset, "dataset_state", true],
    ["is broken", stored("csv", "failed").dataset, "dataset_state", false],
  ])("is refused when it %s", async (_, dataset, code, isRetryable) => {
    expect(await refusal(stage(source, portsWith(csvAnswer(""), { dataset })))).toMatchObject({ code, isRetryable });
  });
});

describe("ranges", () => {
  it("hold 10,000 rows, and are at most 500 however many rows there are", async () => {
    const lines = (count: number) => `n\n${Array.from({ length: count }, (_, row) => `${row}\n`).join("")}`;
    const small = await stage(URL_SOURCE, portsWith(csvAnswer(lines(25_000))));
    expect(small.ranges.map(({ rows }) => rows)).toEqual([10_000, 10_000, 5_000]);
    expect((await rowsOf(small)).rows.map(([text]) => Number(text))).toEqual(
      Array.from({ length: 25_000 }, (_, row) => row),
    );
    const large = await stage(URL_SOURCE, portsWith(csvAnswer(`n\n${"1\n".repeat(6_000_000)}`)));
    expect(large.ranges.length).toBeLessThanOrEqual(500);
    expect(large.ranges.length).toBeGreaterThanOrEqual(250);
    expect(large.ranges.reduce((sum, { rows }) => sum + rows, 0)).toBe(6_000_000);
    for (const [index, range] of large.ranges.entries()) {
      const before = large.ranges[index - 1];
      expect(range.offset).toBe(before ? before.offset + before.length : 2);
      expect(range.firstRow).toBe(before ? before.firstRow + before.rows : 0);
      expect(range.firstLine).toBe(range.firstRow + 2);
    }
    expect(large.ranges.at(-1)?.length).toBe(12_000_002 - (large.ranges.at(-1)?.offset ?? 0));
  });

  it("of wide rows hold 4 MiB", async () => {
    const row = `${"x".repeat(49_999)}\n`;
    const { ranges } = await stage(URL_SOURCE, portsWith(csvAnswer(`a\n${row.repeat(200)}`)));
    // 84 rows of 50,000 bytes are the first to reach 4,194,304.
    expect(ranges.map(({ rows }) => rows)).toEqual([84, 84, 32]);
  });
});
