/** A refusal of Cloudflare's API: what it was asked, and what it said. */
export class CloudflareRefusal extends Error {
  readonly status: number;
  readonly codes: number[];

  constructor(message: string, status: number, codes: number[]) {
    super(message);
    this.name = "CloudflareRefusal";
    this.status = status;
    this.codes = codes;
  }
}

interface Envelope {
  success: boolean;
  errors?: { code: number; message: string }[];
  result: unknown;
}

/** Calls of Cloudflare's API, with the token of a deploy. CLOUDFLARE_API_BASE_URL names another address, as it does for Wrangler. */
export class CloudflareApi {
  readonly #token: string;
  readonly #base = process.env["CLOUDFLARE_API_BASE_URL"] ?? "https://api.cloudflare.com/client/v4";

  constructor(token: string) {
    this.#token = token;
  }

  /** What is at `path`. Throws CloudflareRefusal where the API refuses, or says nothing that can be read. */
  async call(method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const envelope = parse(text);
    if (response.ok && envelope?.success === true) return envelope.result;
    const errors = envelope?.errors ?? [];
    const said = errors.map(({ code, message }) => `${message} (${code})`).join("; ") || text.slice(0, 200);
    throw new CloudflareRefusal(
      `${method} ${path}: ${response.status} ${said}`,
      response.status,
      errors.map(({ code }) => code),
    );
  }

  /** The same, or null where nothing is at that path. */
  async find(path: string): Promise<unknown> {
    try {
      return await this.call("GET", path);
    } catch (error) {
      if (error instanceof CloudflareRefusal && error.status === 404) return null;
      throw error;
    }
  }
}

function parse(text: string): Envelope | null {
  try {
    return JSON.parse(text) as Envelope;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
