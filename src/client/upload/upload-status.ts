/** Shows how far the upload of a form is. A share of null is work without a known end. */
export function showUploadStatus(form: HTMLFormElement, message: string, share: number | null): void {
  const status = form.querySelector<HTMLElement>("[data-upload-status]");
  const bar = status?.querySelector("progress");
  const text = status?.querySelector("[data-upload-text]");
  if (!status || !bar || !text) return;
  status.hidden = false;
  text.textContent = message;
  if (share === null) bar.removeAttribute("value");
  else bar.value = share * bar.max;
}
