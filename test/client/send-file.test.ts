import { describe, expect, it } from "vitest";
import { Refused } from "../../src/client/upload/refused.ts";
import { doneBytes, sendFile, type UploadJob } from "../../src/client/upload/send-file.ts";

const MIB = 1024 * 1024;

/** An upload of 20 MiB, which is three parts, to a server that gives these refusals in turn, and takes everything else. */
function uploadTo(refusals: Record<string, Refused[]>) {
  const job: UploadJob = { file: new Blob([new Uint8Array(20 * MIB)]), id: "dst_1", path: "/uploads/dst_1", part: 1 };
  const requests: string[] = [];
  const pausesMs: number[] = [];
  const said: string[] = [];
  const run = () =>
    sendFile(job, {
      send: (method, path, body, onSent) => {
        const name = path.slice(job.path.length + 1);
        requests.push(body ? `${method} ${name} ${body.size / MIB} MiB` : `${method} ${name}`);
        const refusal = refusals[name]?.shift();
        if (refusal) return Promise.reject(refusal);
        onSent?.(body?.size ?? 0);
        return Promise.resolve();
      },
      show: (message) => void said.push(message),
      wait: (ms) => {
        pausesMs.push(ms);
        return Promise.resolve();
      },
    });
  return { job, run, requests, pausesMs, said };
}

const lost = () => new Refused(0, "The connection was lost.");

describe("the upload of a dataset", () => {
  it("sends equal parts in order, the rest last, and then completes", async () => {
    const { run, requests, said, pausesMs } = uploadTo({});
    await run();
    expect(requests).toEqual(["PUT parts/1 8 MiB", "PUT parts/2 8 MiB", "PUT parts/3 4 MiB", "POST complete"]);
    expect(said).toContain("16.8 MB of 21 MB");
    expect(said.at(-1)).toBe("21 MB uploaded. The server is reading the file …");
    expect(pausesMs).toEqual([]);
  });

  it("sends a part again, after longer and longer pauses, while that may help", async () => {
    const { run, requests, pausesMs, said } = uploadTo({
      "parts/2": [lost(), new Refused(429, "Too many requests."), new Refused(503, "The server is busy.")],
    });
    await run();
    expect(requests.filter((name) => name.startsWith("PUT parts/2"))).toHaveLength(4);
    expect(requests.at(-1)).toBe("POST complete");
    expect(pausesMs).toEqual([1000, 3000, 9000]);
    expect(said).toContain("The connection was lost. Retrying part 2 of 3 in 1 s.");
  });

  it("resumes with the part that failed, and sends none twice that has arrived", async () => {
    const { job, run, requests } = uploadTo({ "parts/2": [lost(), lost(), lost(), lost()] });
    await expect(run()).rejects.toThrow("The connection was lost.");
    expect([job.part, doneBytes(job)]).toEqual([2, 8 * MIB]);
    requests.length = 0;
    await run();
    expect(requests).toEqual(["PUT parts/2 8 MiB", "PUT parts/3 4 MiB", "POST complete"]);
  });

  it("stops at once when the server says that it cannot succeed", async () => {
    const { job, run, requests, pausesMs } = uploadTo({ "parts/1": [new Refused(413, "The part is too large.")] });
    await expect(run()).rejects.toThrow("The part is too large.");
    expect([requests.length, pausesMs, doneBytes(job)]).toEqual([1, [], 0]);
  });

  it("only completes what has arrived as a whole", async () => {
    const { job, run, requests } = uploadTo({ complete: [new Refused(422, "Row 3 has too many values.")] });
    await expect(run()).rejects.toThrow("Row 3 has too many values.");
    expect(doneBytes(job)).toBe(20 * MIB);
    requests.length = 0;
    await run();
    expect(requests).toEqual(["POST complete"]);
  });
});
