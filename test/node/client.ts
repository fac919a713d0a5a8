/** Calls of the API of a running instance, with a bearer token. Throws with the answer unless it has the status. */
export class Client {
  readonly #url: string;
  readonly token: string | null;

  constructor(url: string, token: string | null = null) {
    this.#url = url;
    this.token = token;
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    status = method === "POST" ? 201 : 200,
  ): Promise<Record<string, unknown>> {
    const isForm = body instanceof FormData;
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
        ...(isForm || body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status !== status)
      throw new Error(`${method} ${path}: ${response.status} instead of ${status}: ${text}`);
    const json: unknown = text === "" ? {} : JSON.parse(text);
    if (typeof json !== "object" || json === null || Array.isArray(json))
      throw new Error(`${method} ${path}: no object but ${text}`);
    return Object.fromEntries(Object.entries(json));
  }

  /** The text under `field` of an answer. */
  async textOf(field: string, answer: Promise<Record<string, unknown>>): Promise<string> {
    const value = (await answer)[field];
    if (typeof value !== "string") throw new Error(`no text under ${field}`);
    return value;
  }
}

/** The cookie that signing in on the page gives. */
export async function signIn(url: string, email: string, password: string): Promise<string> {
  const response = await fetch(`${url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: url, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ email, password }),
  });
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
  if (response.status !== 303 || cookie === undefined)
    throw new Error(`signing in was answered ${response.status}: ${await response.text()}`);
  return cookie;
}
