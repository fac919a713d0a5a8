import { sendFiles } from "./send-files.ts";

// An answer that is a download leaves the page in place.
const BUSY_MS_MAX = 20_000;

/** Marks a form as busy while it is under way, and ignores a second click; forms with files are sent with a progress bar. */
export function submitForm(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (form.hasAttribute("data-busy")) event.preventDefault();
  if (event.defaultPrevented || form.method === "dialog") return;
  const { submitter } = event;
  const setBusy = (isBusy: boolean): void => {
    for (const element of [form, submitter]) element?.toggleAttribute("data-busy", isBusy);
  };
  setBusy(true);
  if (form.hasAttribute("data-upload")) {
    event.preventDefault();
    void sendFiles(form, submitter).finally(() => setBusy(false));
  } else {
    setTimeout(setBusy, BUSY_MS_MAX, false);
  }
}

/** A page that comes back from the browser's memory is not busy. */
export function endBusy(): void {
  for (const element of document.querySelectorAll("[data-busy]")) element.removeAttribute("data-busy");
}
