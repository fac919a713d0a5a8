import { AwsClient } from "aws4fetch";
import fc from "fast-check";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import type { OpenedS3 } from "../../../src/pipelines/connections/connection-input.ts";
import { sha256Hex } from "../../../src/lib/hash.ts";
import { randomText } from "../../../src/lib/id.ts";
import { deliver } from "../../../src/pipelines/delivery/deliver.ts";
import { objectKey } from "../../../src/pipelines/delivery/deliver-s3.ts";
import { equalParts } from "../../../src/pipelines/delivery/equal-parts.ts";
import { allOf, fileOf, newRun, refusalOf, SCORES } from "./delivered.ts";

const { endpoint, bucket, accessKeyId, secretAccessKey } = inject("store");
const settings = { endpoint, region: "auto", bucket, access_key_id: accessKeyId };
const connection: OpenedS3 = { id: "con_1", kind: "s3", settings, secret: { secret_access_key: secretAccessKey } };
const reader = new AwsClient({ accessKeyId, secretAccessKey, region: "auto", service: "s3", retries: 0 });

afterEach(() => {
  vi.restoreAllMocks();
});

function to(key: string) {
  return { connection_id: "con_1", key_pattern: key, format: "csv" as const };
}

/** Bytes without a pattern that equal parts could hide behind, in chunks of 1 MB. */
function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let first = 0; first < size; first += 65_536)
    crypto.getRandomValues(bytes.subarray(first, Math.min(size, first + 65_536)));
  return bytes;
}

function fileWith(bytes: Uint8Array<ArrayBuffer>) {
  return { ...fileOf(SCORES, []), rowCount: 7, bytes: async () => new Blob([bytes]).stream() };
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function stored(path: string): Promise<{ status: number; bytes: Uint8Array; type: string | null }> {
  const response = await reader.fetch(`${endpoint}/${bucket}/${path}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, bytes, type: response.headers.get("content-type") };
}

describe("an object of an S3 store", () => {
  it.each([0, 5, 8 * 1_048_576, 20_000_001])("has the bytes of the file, with %i of them", async (size) => {
    const bytes = bytesOf(size);
    const name = randomText(12);
    for (const _ of [1, 2])
      expect(await deliver(to(`a/${name}.csv`), connection, fileWith(bytes), newRun())).toEqual({ rows: 7 });
    const object = await stored(`a/${name}.csv`);
    expect([object.status, object.bytes.byteLength, object.type]).toEqual([200, size, "text/csv; charset=utf-8"]);
    expect(await sha256Hex(object.bytes)).toBe(await sha256Hex(bytes));
  });

  it("lies under the key of the pattern, with the day on which the run began, UTC", async () => {
    const run = { id: `run_${randomText(8)}`, position: 0, startedAtMs: Date.UTC(2026, 2, 1, 23, 59) };
    await deliver(to("/of (the) day's/{date}/é {run}!.csv"), connection, fileWith(bytesOf(3)), run);
    const path = `of%20%28the%29%20day%27s/2026-03-01/%C3%A9%20${run.id}%21.csv`;
    expect((await stored(path)).bytes.byteLength).toBe(3);
  });

  it("is as it was when an upload breaks off, and no part is left behind", async () => {
    const key = `broken/${randomText(8)}.csv`;
    const before = bytesOf(10);
    await deliver(to(key), connection, fileWith(before), newRun());
    const broken = {
      ...fileWith(before),
      bytes: async () =>
        new ReadableStream<Uint8Array>({
          pull(controller) {
            if (broken.sent > 9) controller.error(new Error("the source broke off"));
            else controller.enqueue(bytesOf(1_048_576));
            broken.sent += 1;
          },
        }),
      sent: 0,
    };
    const calls = vi.spyOn(globalThis, "fetch");
    await expect(deliver(to(key), connection, broken, newRun())).rejects.toThrow("the source broke off");
    const last = calls.mock.calls.at(-1)?.[0];
    expect(last instanceof Request && [last.method, new URL(last.url).searchParams.has("uploadId")]).toEqual([
      "DELETE",
      true,
    ]);
    expect((await stored(key)).bytes).toEqual(before);
  });

  it("is refused with what to do: a wrong key, an unknown bucket, nobody there, a key that leads elsewhere", async () => {
    const attempt = (change: Partial<OpenedS3["settings"]>, secret = secretAccessKey) =>
      refusalOf(
        deliver(
          to("x.csv"),
          { ...connection, settings: { ...settings, ...change }, secret: { secret_access_key: secret } },
          fileWith(bytesOf(1)),
          newRun(),
        ),
      );
    expect(await attempt({}, "another secret")).toMatchObject({ code: "wrong_key", retryable: false });
    expect(await attempt({ access_key_id: "nobody" })).toMatchObject({ code: "wrong_key" });
    expect(await attempt({ bucket: "elsewhere" })).toMatchObject({ code: "unknown_bucket", retryable: false });
    expect(await attempt({ endpoint: `http://127.0.0.1:${inject("closedPort")}` })).toMatchObject({
      code: "unreachable",
      retryable: true,
    });
    for (const pattern of ["", "/", "a/../b", "x".repeat(1_025)])
      expect(await refusalOf(deliver(to(pattern), connection, fileWith(bytesOf(1)), newRun()))).toMatchObject({
        code: "wrong_destination",
      });
  });
});

describe("the key of an object", () => {
  it("takes {date} and {run} as often as they stand there", () => {
    const run = { id: "run_1", position: 2, startedAtMs: Date.UTC(2026, 10, 23, 5) };
    expect(objectKey("{run}/{date}/{date}-{run}.parquet", run)).toBe("run_1/2026-11-23/2026-11-23-run_1.parquet");
  });
});

describe("parts", () => {
  it("are equal but the last, and together are the stream, however it comes", async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 17 }), async (pieces, size) => {
        const whole = pieces.flatMap((piece) => [...piece]);
        const parts = await allOf(equalParts(streamOf(pieces), size));
        expect(parts.flatMap((part) => [...part])).toEqual(whole);
        expect(parts.slice(0, -1).every((part) => part.byteLength === size)).toBe(true);
        expect(parts.length).toBe(Math.ceil(whole.length / size));
      }),
    );
  });
});
