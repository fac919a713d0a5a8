import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OpenedHttp } from "../../../src/pipelines/connections/connection-input.ts";
import { deliver } from "../../../src/pipelines/delivery/deliver.ts";
import { deliverToHttp } from "../../../src/pipelines/delivery/deliver-http.ts";
import { postSigned } from "../../../src/pipelines/connections/post-signed.ts";
import { ndjsonParts } from "../../../src/pipelines/delivery/ndjson-parts.ts";
import { allOf, fileOf, newRun, refusalOf, SCORES, scores } from "./delivered.ts";

const KEY = "the signing key";
const connection: OpenedHttp = {
  id: "con_1",
  kind: "http",
  settings: { url: "https://hooks.example.org/in" },
  secret: { signing_key: KEY },
};
const destination = { connection_id: "con_1" };

let sent: { headers: Headers; text: string; redirect: string | undefined }[];
let statuses: number[];
let retryAfter: string | undefined;

beforeEach(() => {
  sent = [];
  statuses = [];
  retryAfter = undefined;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_, init) => {
    sent.push({
      headers: new Headers(init?.headers),
      text: await new Response(init?.body ?? "").text(),
      redirect: init?.redirect,
    });
    return new Response(null, {
      status: statuses.shift() ?? 204,
      ...(retryAfter && { headers: { "retry-after": retryAfter } }),
    });
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("an http receiver", () => {
  it("gets each row as a line of JSON, signed, in one part when it is small", async () => {
    const rows = [
      [1, 'a "b"\né', 0.1, true],
      [null, undefined, Number.NaN, false],
    ];
    const run = newRun();
    expect(await deliver(destination, connection, fileOf(SCORES, rows), run)).toEqual({ rows: 2 });
    expect(sent.map(({ text }) => text)).toEqual([
      '{"id":1,"name":"a \\"b\\"\\né","score":0.1,"churns":true}\n{"id":null,"name":null,"score":null,"churns":false}\n',
    ]);
    const [{ headers, text, redirect } = { headers: new Headers(), text: "", redirect: "" }] = sent;
    const timestamp = headers.get("x-tiltyard-timestamp") ?? "";
    const expected = createHmac("sha256", KEY).update(`${timestamp}.${text}`).digest("hex");
    expect(headers.get("x-tiltyard-signature")).toBe(`sha256=${expected}`);
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(30);
    expect(headers.get("content-type")).toBe("application/x-ndjson");
    expect([headers.get("idempotency-key"), headers.get("x-tiltyard-last")]).toEqual([`${run.id}-0-1`, "true"]);
    expect(redirect).toBe("manual");
  });

  it("gets parts of at most 5 MB, the same ones under the same keys when it is repeated", async () => {
    const rows = scores(200_000, 0.123456789);
    const run = newRun();
    await deliver(destination, connection, fileOf(SCORES, rows), run);
    const first = sent.map(({ headers, text }) => [
      headers.get("idempotency-key"),
      headers.get("x-tiltyard-last"),
      text,
    ]);
    sent = [];
    await deliver(destination, connection, fileOf(SCORES, rows, 777), run);
    expect(
      sent.map(({ headers, text }) => [headers.get("idempotency-key"), headers.get("x-tiltyard-last"), text]),
    ).toEqual(first);
    expect(first.map(([key, isLast]) => [key, isLast])).toEqual([
      [`${run.id}-0-1`, "false"],
      [`${run.id}-0-2`, "false"],
      [`${run.id}-0-3`, "true"],
    ]);
    for (const { text } of sent) expect(new TextEncoder().encode(text).byteLength).toBeLessThanOrEqual(5_000_000);
    const lines = sent.flatMap(({ text }) => text.trimEnd().split("\n"));
    expect(lines.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual(rows.map(([id]) => id));
  });

  it("is told of a file without rows", async () => {
    expect(await deliver(destination, connection, fileOf(SCORES, []), newRun())).toEqual({ rows: 0 });
    expect(sent.map(({ text, headers }) => [text, headers.get("x-tiltyard-last")])).toEqual([["", "true"]]);
  });

  it.each([
    [500, "refused", true],
    [429, "refused", true],
    [400, "refused", false],
    [401, "no_right", false],
    [302, "refused", false],
    [413, "refused", false],
  ])("that answers %i ends the delivery as %s, to be tried again: %s", async (status, code, retryable) => {
    statuses = [status];
    expect(await refusalOf(deliver(destination, connection, fileOf(SCORES, scores(1, 1)), newRun()))).toMatchObject({
      code,
      retryable,
      // Whoever throws does not know whether it is tried again, or was the last time.
      message: expect.stringMatching(new RegExp(`${status}(?!.*again)`)),
    });
    expect(sent).toHaveLength(1);
  });

  it("that asks for a pause is asked again after it, for the same part under the same key", async () => {
    retryAfter = "7";
    statuses = [429, 503, 204];
    const waited: number[] = [];
    const wait = async (ms: number) => void waited.push(ms);
    expect(await deliverToHttp(connection, fileOf(SCORES, scores(1, 1)), newRun(), { wait })).toEqual({ rows: 1 });
    expect(waited.reduce((sum, ms) => sum + ms, 0)).toBe(14_000);
    expect(new Set(sent.map(({ headers, text }) => `${headers.get("idempotency-key")} ${text}`)).size).toBe(1);
    expect(sent).toHaveLength(3);
  });

  it.each(["601", new Date(Date.now() + 3_600_000).toUTCString()])(
    "that asks for more than ten minutes has failed: %s",
    async (text) => {
      retryAfter = text;
      statuses = [503];
      const attempt = deliver(destination, connection, fileOf(SCORES, scores(1, 1)), newRun());
      expect(await refusalOf(attempt)).toMatchObject({ code: "refused", retryable: true });
      expect(sent).toHaveLength(1);
    },
  );

  it("is not asked again when nobody wants the rows any more", async () => {
    retryAfter = "5";
    statuses = [429];
    const controller = new AbortController();
    const wait = async () => controller.abort(new Error("cancelled"));
    const attempt = deliverToHttp(connection, fileOf(SCORES, scores(1, 1)), newRun(), {
      wait,
      signal: controller.signal,
    });
    expect(await refusalOf(attempt)).toMatchObject({ message: "cancelled" });
    expect(sent).toHaveLength(1);
  });

  it("has its time from when the last byte was sent, however long that took", async () => {
    vi.mocked(fetch).mockImplementation(async (_, init) => {
      const body = new Response(init?.body ?? "").body ?? new Blob([]).stream();
      for await (const _ of body) await scheduler.wait(40);
      return new Response(null, { status: 204 });
    });
    await postSigned(connection, "x".repeat(1_000_000), {}, Date.now(), 200);
    vi.mocked(fetch).mockImplementation(
      (_, init) =>
        new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason))),
    );
    expect(await refusalOf(postSigned(connection, "x", {}, Date.now(), 200))).toMatchObject({
      code: "timeout",
      retryable: true,
    });
  });

  it("that does not answer in time, or is not there, is tried again later", async () => {
    const attempt = () => refusalOf(deliver(destination, connection, fileOf(SCORES, []), newRun()));
    vi.mocked(fetch).mockRejectedValueOnce(new DOMException("too late", "TimeoutError"));
    expect(await attempt()).toMatchObject({ code: "timeout", retryable: true });
    vi.mocked(fetch).mockRejectedValueOnce(new TypeError("Network connection lost."));
    expect(await attempt()).toMatchObject({ code: "unreachable", retryable: true });
  });
});

describe("lines of JSON", () => {
  it("are cut by their bytes, and a row that is larger than a part is refused", async () => {
    const columns = [{ name: "a", type: "text" as const }];
    async function* rows() {
      yield [["éé"], ["éé"]];
      yield [["x"]];
    }
    // {"a":"éé"} and its line end are 13 bytes, {"a":"x"} 10.
    const parts = await allOf(ndjsonParts(rows(), columns, 25));
    expect(parts.map((part) => [part.rows, part.isLast])).toEqual([
      [1, false],
      [2, true],
    ]);
    await expect(allOf(ndjsonParts(rows(), columns, 12))).rejects.toMatchObject({ code: "bad_value" });
  });
});

describe("a destination", () => {
  it("that does not fit the kind of its connection is refused", async () => {
    const database = {
      ...connection,
      kind: "postgres" as const,
      settings: { host: "h", port: 1, database: "d", user: "u", tls: false },
      secret: { password: "" },
    };
    expect(await refusalOf(deliver(destination, database, fileOf(SCORES, []), newRun()))).toMatchObject({
      code: "wrong_destination",
      retryable: false,
    });
  });
});
