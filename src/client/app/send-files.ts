import { formatBytes } from "../../lib/format.ts";
import { Refused } from "../upload/refused.ts";
import { sendRequest } from "../upload/send-request.ts";
import { showUploadStatus } from "../upload/upload-status.ts";
import { prepare } from "./prepare.ts";

/** Sends a form with files and shows how far it is; then goes where the server redirects, or shows the page that it answers. */
export async function sendFiles(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const say = (message: string, share: number | null): void => showUploadStatus(form, message, share);
  const onProgress = ({ lengthComputable, loaded, total }: ProgressEvent): void => {
    if (!lengthComputable) return;
    if (loaded >= total) say("Uploaded. The server is checking the file …", null);
    else say(`${formatBytes(loaded)} of ${formatBytes(total)}`, loaded / total);
  };
  say("Uploading …", 0);
  try {
    const { status, responseURL, responseText } = await sendRequest({
      method: "POST",
      url: form.action,
      body: new FormData(form, submitter),
      headers: { Accept: "text/html" },
      onProgress,
    });
    if (status < 400 && responseURL !== form.action) location.assign(responseURL);
    else if (!showPage(responseText)) say(`The server refused the upload (status ${status}).`, 0);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say("The upload was interrupted. Check your connection and try again.", 0);
  }
}

/** Puts the main area of a page in place of the present one; false, and nothing done, for text that is not such a page. */
function showPage(html: string): boolean {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("main");
  const present = document.querySelector("main");
  if (!fresh || !present) return false;
  present.replaceChildren(...fresh.childNodes);
  document.title = page.title || document.title;
  globalThis.htmx?.process(present);
  prepare(present);
  scrollTo(0, 0);
  return true;
}
