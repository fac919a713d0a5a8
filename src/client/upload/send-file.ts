import { formatBytes } from "../../lib/format.ts";
import { retryRefused } from "./retry-refused.ts";

// The store takes no smaller parts than 5 MiB, and at most 1,000.
const PART_BYTES = 8 * 1024 * 1024;

/** An upload that is under way, or that was interrupted and can be resumed. */
export interface UploadJob {
  file: Blob;
  id: string;
  /** Where it is in the API. */
  path: string;
  /** The next part to send, from 1. */
  part: number;
}

export interface UploadPorts {
  send: (method: "PUT" | "POST", path: string, body?: Blob, onSent?: (bytes: number) => void) => Promise<unknown>;
  /** null: work without a known end. */
  show: (message: string, doneBytes: number | null) => void;
  wait: (ms: number) => Promise<void>;
}

/** Bytes of the parts that have arrived. */
export function doneBytes({ file, part }: UploadJob): number {
  return Math.min(file.size, (part - 1) * PART_BYTES);
}

/**
 * Sends the parts from `job.part` on, then completes the upload; each request again while that may help. After an error, the same call
 * resumes with the part that failed.
 */
export async function sendFile(job: UploadJob, { send, show, wait }: UploadPorts): Promise<void> {
  const { file, path } = job;
  const all = formatBytes(file.size);
  const parts = Math.ceil(file.size / PART_BYTES);
  for (; job.part <= parts; job.part += 1) {
    const start = doneBytes(job);
    const body = file.slice(start, start + PART_BYTES);
    const showSent = (bytes: number): void => {
      const done = start + Math.min(bytes, body.size);
      show(`${formatBytes(done)} of ${all}`, done);
    };
    showSent(0);
    await retryRefused(
      () => send("PUT", `${path}/parts/${job.part}`, body, showSent),
      ({ message }, pauseMs) => show(`${message} Retrying part ${job.part} of ${parts} in ${pauseMs / 1000} s.`, start),
      wait,
    );
  }
  show(`${all} uploaded. The server is reading the file …`, null);
  await retryRefused(
    () => send("POST", `${path}/complete`),
    ({ message }) => show(`${message} Retrying …`, null),
    wait,
  );
}
