import { formatBytes } from "../lib/format.ts";
import { doneBytes, sendFile, type UploadJob } from "./upload/send-file.ts";
import { Refused } from "./upload/refused.ts";
import { sendRequest } from "./upload/send-request.ts";
import { showUploadStatus } from "./upload/upload-status.ts";

// Sends the file of a dataset in parts, so that it may be larger than one request and a part that fails is sent again. Without this
// script, app.ts or the browser sends the form as one request.

/** What is under way by its form, and stays when it is interrupted. */
const jobs = new WeakMap<HTMLFormElement, UploadJob>();

async function upload(form: HTMLFormElement, file: File): Promise<void> {
  const show = (message: string, bytes: number | null): void =>
    showUploadStatus(form, message, bytes === null ? null : bytes / file.size);
  setBusy(form, true);
  relabel(form, null);
  show("Uploading …", 0);
  try {
    const job = jobs.get(form) ?? (await start(form, file));
    jobs.set(form, job);
    await sendFile(job, { send, show, wait });
  } catch (error) {
    explain(form, error);
    return;
  } finally {
    setBusy(form, false);
  }
  jobs.delete(form);
  location.assign(form.dataset.after ?? "");
}

async function start(form: HTMLFormElement, file: File): Promise<UploadJob> {
  const name = fieldOf(form, "name")?.value.trim() || file.name.slice(-120);
  const path = `${form.dataset.datasetUpload}/uploads`;
  const { id = "" } = await send("POST", path, JSON.stringify({ name, format: await formatOf(file) }));
  return { file, id, path: `${path}/${id}`, part: 1 };
}

async function formatOf(file: File): Promise<"parquet" | "csv"> {
  const magic = await file.slice(0, 4).text();
  return magic === "PAR1" || /\.parquet$/i.test(file.name) ? "parquet" : "csv";
}

function explain(form: HTMLFormElement, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const job = jobs.get(form);
  // Deleted meanwhile, or complete already: the upload cannot be resumed.
  const isOver = error instanceof Refused && (error.status === 404 || error.status === 409);
  if (!job || isOver) {
    jobs.delete(form);
    showUploadStatus(form, message, 0);
    return;
  }
  relabel(form, "Resume upload");
  const [done, all] = [doneBytes(job), job.file.size];
  showUploadStatus(form, `${message} ${formatBytes(done)} of ${formatBytes(all)} are uploaded and kept.`, done / all);
}

/** Removes what has arrived of a file that is no longer wanted. Without this, it would be removed after a week. */
function forget(form: HTMLFormElement): void {
  const job = jobs.get(form);
  if (!job) return;
  jobs.delete(form);
  relabel(form, null);
  form.querySelector("[data-upload-status]")?.toggleAttribute("hidden", true);
  send("DELETE", `/api/v1/datasets/${job.id}`).catch((error: unknown) =>
    console.debug("The upload was not removed:", error),
  );
}

/** The JSON of a success, with the ID where it is a dataset; throws Refused otherwise. */
async function send(
  method: string,
  url: string,
  body?: Blob | string,
  onSent?: (bytes: number) => void,
): Promise<{ id?: string }> {
  const headers = {
    Accept: "application/json",
    ...(typeof body === "string" && { "Content-Type": "application/json" }),
  };
  const onProgress = ({ loaded }: ProgressEvent): void => onSent?.(loaded);
  const { status, response } = await sendRequest({ method, url, body, headers, responseType: "json", onProgress });
  if (status >= 300) throw new Refused(status, response?.detail ?? `The server answered with status ${status}.`);
  return response;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function fieldOf(form: HTMLFormElement, name: string): HTMLInputElement | null {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLInputElement ? field : null;
}

function setBusy(form: HTMLFormElement, isBusy: boolean): void {
  for (const element of [form, form.querySelector("[data-submit]")]) element?.toggleAttribute("data-busy", isBusy);
}

/** Gives the button other words, or its own again (null). */
function relabel(form: HTMLFormElement, words: string | null): void {
  const label = form.querySelector<HTMLElement>("[data-submit] .button-label");
  if (!label) return;
  label.dataset.before ??= label.textContent;
  label.textContent = words ?? label.dataset.before;
}

// Before app.ts, which leaves alone what is handled here.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement) || !form.matches("[data-dataset-upload]")) return;
  event.preventDefault();
  if (form.hasAttribute("data-busy")) return;
  const file = fieldOf(form, "file")?.files?.[0];
  if (!file) return;
  const bytesMax = Number(form.dataset.bytesMax);
  if (file.size === 0) showUploadStatus(form, "The file is empty. Choose another file.", 0);
  else if (file.size <= bytesMax) void upload(form, file);
  else showUploadStatus(form, `A dataset can have at most ${formatBytes(bytesMax)}. Split the file.`, 0);
});

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.type !== "file") return;
  const form = target.closest<HTMLFormElement>("form[data-dataset-upload]");
  if (form) forget(form);
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-dataset-upload][data-busy]")) event.preventDefault();
});
