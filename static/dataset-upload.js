// Sends the file of a dataset in parts, so that it may be larger than one request and a part that breaks off is sent again.
// Without this file the form is sent as one by app.js or the browser.
"use strict";
{
  // The store takes no smaller parts than 5 MiB, and at most 1,000.
  const PART_BYTES = 8 * 1024 * 1024;
  const FILE_BYTES_MAX = 5e9;
  /** Waited before a part is sent again, in ms. */
  const PAUSES = [1000, 3000, 9000];

  /** What is under way by its form, and kept when it broke off: { file, id, part }. */
  const jobs = new WeakMap();

  /** What the server refused, or that it did not answer (status 0). */
  class Refused extends Error {
    constructor(status, detail) {
      super(detail);
      this.status = status;
    }
    get mayPass() {
      return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
    }
  }

  const sizeText = (bytes) =>
    bytes < 1e6
      ? `${Math.ceil(bytes / 1e3)} kB`
      : bytes < 1e9
        ? `${(bytes / 1e6).toFixed(1)} MB`
        : `${(bytes / 1e9).toFixed(2)} GB`;

  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  // ---- What the form shows --------------------------------------------------------------------------------------

  const say = (form, message, doneBytes, allBytes) => {
    const status = form.querySelector("[data-upload-status]");
    const bar = status?.querySelector("progress");
    const text = status?.querySelector("[data-upload-text]");
    if (!status || !bar || !text) return;
    status.hidden = false;
    text.textContent = message;
    if (doneBytes === null) bar.removeAttribute("value");
    else Object.assign(bar, { max: Math.max(1, allBytes), value: doneBytes });
  };

  const setBusy = (form, busy) => {
    for (const element of [form, form.querySelector("[data-submit]")]) element?.toggleAttribute("data-busy", busy);
  };

  const relabel = (form, words) => {
    const label = form.querySelector("[data-submit] .button-label");
    if (!label) return;
    label.dataset.before ??= label.textContent;
    label.textContent = words ?? label.dataset.before;
  };

  // ---- Requests -------------------------------------------------------------------------------------------------

  /** Sends by XHR, the only way that tells how far it is; answers the JSON of a success and throws Refused otherwise. */
  const send = (method, path, body, type, onSent = () => {}) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, path);
      request.setRequestHeader("Accept", "application/json");
      if (type) request.setRequestHeader("Content-Type", type);
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => onSent(event.loaded));
      request.addEventListener("load", () => {
        if (request.status < 300) resolve(request.response);
        else reject(new Refused(request.status, request.response?.detail ?? `The server answered ${request.status}.`));
      });
      const fail = () => reject(new Refused(0, "The connection broke off, or the file cannot be read any more."));
      request.addEventListener("error", fail);
      request.addEventListener("abort", fail);
      request.send(body);
    });

  /** Tries again what may pass by itself; `onPause` is told before each wait. */
  const persist = async (attempt, onPause) => {
    for (const pauseMs of PAUSES) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Refused && error.mayPass)) throw error;
        onPause(error, pauseMs);
        await wait(pauseMs);
      }
    }
    return attempt();
  };

  // ---- The upload -----------------------------------------------------------------------------------------------

  const formatOf = async (file) => {
    const start = await file.slice(0, 4).text();
    return start === "PAR1" || /\.parquet$/i.test(file.name) ? "parquet" : "csv";
  };

  const begin = async (form, file) => {
    const typed = form.elements.namedItem("name")?.value.trim();
    const input = { name: typed || file.name.slice(-120), format: await formatOf(file) };
    const path = `${form.dataset.datasetUpload}/uploads`;
    const { id } = await send("POST", path, JSON.stringify(input), "application/json");
    return { file, path: `${path}/${id}`, id, part: 1 };
  };

  const sendParts = async (form, job) => {
    const { file } = job;
    const parts = Math.ceil(file.size / PART_BYTES);
    const all = sizeText(file.size);
    for (; job.part <= parts; job.part += 1) {
      const start = (job.part - 1) * PART_BYTES;
      const part = file.slice(start, start + PART_BYTES);
      const show = (sent) => {
        const done = start + Math.min(sent, part.size);
        say(form, `${sizeText(done)} of ${all}`, done, file.size);
      };
      const onPause = (error, pauseMs) => {
        const words = `Part ${job.part} of ${parts} is sent again in ${pauseMs / 1000} s. ${error.message}`;
        say(form, words, start, file.size);
      };
      show(0);
      await persist(() => send("PUT", `${job.path}/parts/${job.part}`, part, "", show), onPause);
    }
  };

  const complete = async (form, job) => {
    const onPause = (error) => say(form, `Trying again. ${error.message}`, null);
    say(form, `${sizeText(job.file.size)} uploaded. The server is reading it …`, null);
    await persist(() => send("POST", `${job.path}/complete`, null, ""), onPause);
  };

  const upload = async (form, file) => {
    setBusy(form, true);
    relabel(form, null);
    say(form, "Uploading …", 0, file.size);
    try {
      const job = jobs.get(form) ?? (await begin(form, file));
      jobs.set(form, job);
      await sendParts(form, job);
      await complete(form, job);
      jobs.delete(form);
      setBusy(form, false);
      location.assign(form.dataset.after);
    } catch (error) {
      setBusy(form, false);
      explain(form, file, error);
    }
  };

  const explain = (form, file, error) => {
    const job = jobs.get(form);
    const done = job ? Math.min(file.size, (job.part - 1) * PART_BYTES) : 0;
    // Deleted meanwhile, or complete already: nothing of it can be gone on with.
    const isOver = error instanceof Refused && [404, 409].includes(error.status);
    if (!job || isOver) {
      jobs.delete(form);
      say(form, error.message, 0, file.size);
      return;
    }
    relabel(form, "Go on");
    say(
      form,
      `${error.message} ${sizeText(done)} of ${sizeText(file.size)} have arrived and are kept.`,
      done,
      file.size,
    );
  };

  /** What has arrived of a file that is not wanted any more. It would be removed after a week anyway. */
  const forget = (form) => {
    const job = jobs.get(form);
    if (!job) return;
    jobs.delete(form);
    relabel(form, null);
    form.querySelector("[data-upload-status]").hidden = true;
    send("DELETE", `/api/v1/datasets/${job.id}`, null, "").catch((error) => console.debug("It is left:", error));
  };

  // ---- Wiring ---------------------------------------------------------------------------------------------------

  // Before app.js, which leaves alone what is taken care of here.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-dataset-upload]")) return;
    event.preventDefault();
    if (form.hasAttribute("data-busy")) return;
    const file = form.elements.namedItem("file")?.files[0];
    if (!file) return;
    if (file.size === 0) say(form, "The file is empty. Choose another one.", 0, 1);
    else if (file.size > FILE_BYTES_MAX) say(form, "A dataset may have 5 GB. Split the file.", 0, 1);
    else void upload(form, file);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-dataset-upload]");
    if (form && event.target.type === "file") forget(form);
  });

  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-dataset-upload][data-busy]")) event.preventDefault();
  });
}
