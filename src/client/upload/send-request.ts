import { Refused } from "./refused.ts";

export interface RequestToSend {
  method: string;
  url: string;
  body?: XMLHttpRequestBodyInit | undefined;
  headers: Record<string, string>;
  responseType?: XMLHttpRequestResponseType | undefined;
  onProgress?: ((event: ProgressEvent) => void) | undefined;
}

/** Sends by XHR, which alone reports how far an upload is. Resolves with any answer; rejects with Refused (status 0) without one. */
export function sendRequest({ method, url, body, headers, ...settings }: RequestToSend): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = settings.responseType ?? "";
    if (settings.onProgress) request.upload.addEventListener("progress", settings.onProgress);
    const fail = (): void => reject(new Refused(0, "The connection was lost, or the file can no longer be read."));
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    request.send(body);
  });
}
