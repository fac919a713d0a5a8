import { fetchInstance, ORIGIN } from "./instance.ts";
import { type PagePart, readPage } from "./page-dom.ts";

/**
 * A browser without JavaScript: keeps cookies, asks for pages, sends forms from our own pages. Redirects are left to
 * the test to see.
 */
export class Browser {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin = ORIGIN) {
    this.#origin = origin;
  }

  /** The cookies as the Cookie header carries them. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  plantCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  async get(path: string): Promise<Response> {
    return this.#send(path, { headers: { accept: "text/html" } });
  }

  /** The page at the path, which must be there. */
  async page(path: string): Promise<PagePart> {
    const response = await this.get(path);
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return readPage(response);
  }

  async post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const sentFrom = { origin: this.#origin, "sec-fetch-site": "same-origin" };
    return this.#send(path, {
      method: "POST",
      headers: { accept: "text/html", ...sentFrom, ...headers },
      body: new URLSearchParams(fields),
    });
  }

  async signIn(user: { email: string; password: string }): Promise<Response> {
    return this.post("/sign-in", { email: user.email, password: user.password });
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#cookies.size > 0) headers.set("cookie", this.cookie);
    const response = await fetchInstance(new URL(path, this.#origin).href, { ...init, headers });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ");
    const [name = "", value = ""] = pair.split("=");
    if (value === "" || attributes.includes("Max-Age=0")) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
